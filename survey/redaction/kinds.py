"""What is taken out of a text, and the word that stands in its place."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from typing import NamedTuple


class Kind(enum.Enum):
    """A kind of thing that tells who somebody is, with its placeholder."""

    PHONE = "[số điện thoại]"
    EMAIL = "[thư điện tử]"
    PAGE = "[trang cá nhân]"
    IDENTITY = "[căn cước]"
    TAX = "[mã số thuế]"
    BANK = "[số tài khoản]"
    CASE = "[mã hồ sơ]"
    PLATE = "[biển số xe]"
    NUMBER = "[dãy số]"
    ADDRESS = "[địa chỉ]"
    NAME = "[tên người]"
    OFFICER = "[cán bộ]"

    @property
    def of_a_person(self) -> bool:
        """Whether it is somebody's name."""
        return self in (Kind.NAME, Kind.OFFICER)

    @property
    def mask(self) -> str:
        """The sign that rules read in its place: nothing is joined over it."""
        return MASKED_NAME if self.of_a_person else MASKED


class Passage(NamedTuple):
    """A place in a text, and what stands there."""

    start: int
    end: int
    kind: Kind


# No text holds them: neither may be stored.
MASKED, MASKED_NAME = "\x00", "\x01"
PLACEHOLDER = re.compile("|".join(re.escape(kind.value) for kind in Kind))
BY_PLACEHOLDER = {kind.value: kind for kind in Kind}


def masked(letters: str, spans: Sequence[Passage]) -> str:
    """Return letters with a mask over each place."""
    if not spans:
        return letters
    pieces, here = [], 0
    for start, end, kind in sorted(spans, key=lambda span: span.start):
        pieces += [letters[here:start], kind.mask * (end - start)]
        here = end
    return "".join([*pieces, letters[here:]])
