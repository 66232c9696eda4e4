"""What citizens' pages say about their data: the words, by version, and which of them an answer was given on.

A notice is named by a hash of its words in every language, so that a changed word makes another version by itself. The
proof of a form carries the hash of the page that it stood on, and the answer keeps it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.upsert import insert_or_ignore
from survey.i18n import gettext, msgid, speaking
from survey.models import PrivacyNotice, PrivacyPage, Texts
from survey.models.privacy_notice import PRIVACY_HASH

_HEAD = msgid("Your opinion makes public services better. We do not ask your name.")
LINES = {
    PrivacyPage.FORM: (_HEAD, msgid("Officials see totals, and comments without names.")),
    PrivacyPage.KIOSK: (_HEAD, msgid("Officers must not answer for you. Nobody sees what you chose.")),
}
PAGE_NAMES = {PrivacyPage.FORM: msgid("Form by link or QR code"), PrivacyPage.KIOSK: msgid("Kiosk")}
_INSERT = insert_or_ignore(cast("sa.Table", PrivacyNotice.__table__), ["hash"])


class PrivacyNotices:
    """The notices as one process shows them: read once, so that its pages say what the answers sent from them name."""

    def __init__(self, languages: Sequence[str], folder: Path) -> None:
        self._lines: dict[PrivacyPage, dict[str, tuple[str, ...]]] = {page: {} for page in PrivacyPage}
        for language in languages:
            with speaking(language, folder):
                for page in PrivacyPage:
                    self._lines[page][language] = tuple(gettext(line) for line in LINES[page])
        self.hashes = {page: _hash(page, self.texts(page)) for page in PrivacyPage}
        self.kept = False  # an answer of this process has written them down, and is committed

    def lines(self, page: PrivacyPage, language: str) -> tuple[str, ...]:
        """Return what a page says at its head, and beside its questions."""
        return self._lines[page][language]

    def texts(self, page: PrivacyPage) -> Texts:
        """Return all that a page says, by language."""
        return {language: "\n".join(lines) for language, lines in self._lines[page].items()}

    def keep(self, connection: sa.Connection, today: dt.date) -> None:
        """Write down what is not yet written down, in the transaction of an answer, as its last statement.

        Two processes that do so at once wait for each other here and nowhere else.
        """
        if not self.kept:
            for page in PrivacyPage:
                row = {"hash": self.hashes[page], "page": page, "texts": self.texts(page), "since": today}
                connection.execute(_INSERT, row)


@dataclass(frozen=True)
class NoticeVersion:
    """One version of the notice of some pages, counted from 1; `since` is the day of the first answer on it."""

    page: PrivacyPage
    version: int
    since: dt.date
    texts: Texts

    @property
    def page_name(self) -> str:
        """Return which pages it stands on, in the language in use."""
        return gettext(PAGE_NAMES[self.page])


def versions(session: Session) -> dict[bytes, NoticeVersion]:
    """Return every version that an answer was given on, by its hash: page by page, the newest first."""
    order = sa.func.row_number().over(partition_by=PrivacyNotice.page, order_by=PrivacyNotice.id)
    rows = session.execute(sa.select(PrivacyNotice, order).order_by(PrivacyNotice.page, PrivacyNotice.id.desc()))
    return {row.hash: NoticeVersion(row.page, number, row.since, row.texts) for row, number in rows}


def _hash(page: PrivacyPage, texts: Texts) -> bytes:
    written = json.dumps([int(page), texts], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).digest()[:PRIVACY_HASH]
