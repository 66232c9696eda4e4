"""The figures of a page as they were drawn: kept until something that they show may have changed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.orm import Session

from survey.results.revision import revision
from survey.web.bounded_cache import BoundedCache
from survey.web.survey import this_survey


@dataclass(frozen=True)
class CachedFigures:
    """The figures of a page, packed to a tenth, and whether there is a row in them."""

    packed: bytes
    rows: bool

    @classmethod
    def of(cls, html: str, rows: bool) -> CachedFigures:
        """Pack a page that was rendered here, every text of it escaped."""
        return cls(zlib.compress(html.encode(), level=1), rows)

    @property
    def html(self) -> Markup:
        """Return the page as it was rendered."""
        return Markup(zlib.decompress(self.packed).decode())  # noqa: S704 - rendered by `of`'s caller, every text escaped


class DrawnPages(BoundedCache[CachedFigures]):
    """The figures that this process has drawn: pages of a megabyte or two before they are packed."""

    most = 48


def cached(session: Session, asked: Hashable, draw: Callable[[], CachedFigures]) -> CachedFigures:
    """Return the figures that were asked for, counted and drawn only if something in them may have changed.

    `asked` is all that tells one page from another: its address, its reader, the standard, the day. The revision is
    read before anything is counted, so that what comes meanwhile makes the page anew at the next look.
    """
    return this_survey().part(DrawnPages).get((asked, revision(session)), draw)
