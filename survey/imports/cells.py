"""What one cell may say: text, codes, days, and words that stand for a fixed choice."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from survey.delivery import contact as contacts
from survey.delivery.contact import Contact
from survey.errors import InvalidContact, SurveyError
from survey.i18n import msgid, nfc
from survey.imports.reading import Cell
from survey.organisation import code_formats
from survey.periods import local_day

Choice = TypeVar("Choice")
ReadCell = Callable[[Cell], Any]
YEARS = range(1990, 2101)
LOCAL = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+\d{1,2}:\d{2}(?::\d{2})?)?")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?")

_DAY = msgid("This is not a day. Write it as 31/12/2026 or 2026-12-31.")
_CASE = msgid("This is not the code of a case. Write it as on the receipt, such as H61.102-261008-0975.")
_AGENCY = msgid("This is not the code of an agency. Write it as in the portal, such as H61.102.")
_PROCEDURE = msgid(
    "This is not the code of a procedure. Write it such as 1.004873; format the column as text, to lose no zero."
)
_CHOICE = msgid("This word is not known here. Write one of: %(words)s.")
_LONG = msgid("This text is too long. Shorten it to %(most)s characters.")


class Unreadable(SurveyError):
    """A cell does not say what its column asks for."""


def word_key(word: str) -> str:
    """Return a word without accents, capitals, blanks and marks, to compare headers and choices.

    >>> plain(" Mã  hồ-sơ "), plain("Đối tượng"), plain("case_code")
    ('mahoso', 'doituong', 'casecode')
    """
    parts = unicodedata.normalize("NFKD", word.casefold()).replace("đ", "d")
    return "".join(c for c in parts if c.isalnum())


def written(cell: Cell) -> str:
    """Return a cell as somebody would type it: 12.0 is 12, a day is written by its ISO form."""
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return nfc(str(cell))


def words(most: int) -> Callable[[Cell], str]:
    """Return a reader of texts of at most `most` characters."""

    def read(cell: Cell) -> str:
        text = " ".join(written(cell).split())
        if len(text) > most:
            raise Unreadable(_LONG, most=most)
        return text

    return read


def day(cell: Cell) -> dt.date:
    """Read a day: a date cell, dd/mm/yyyy or ISO.

    >>> day("5/10/2026"), day("2026-10-04T20:30:00Z")
    (datetime.date(2026, 10, 5), datetime.date(2026, 10, 5))
    """
    value = cell.date() if isinstance(cell, dt.datetime) else cell if isinstance(cell, dt.date) else _day(written(cell))
    if value.year not in YEARS:
        raise Unreadable(_DAY)
    return value


@lru_cache(maxsize=4096)
def _day(text: str) -> dt.date:
    local, iso = LOCAL.fullmatch(text), ISO.fullmatch(text)
    try:
        if iso and iso["zone"]:
            return local_day(dt.datetime.fromisoformat(text))
        if local or iso:
            year, month, number = local.group(3, 2, 1) if local else iso.group(1, 2, 3)  # type: ignore[union-attr]
            return dt.date(int(year), int(month), int(number))
    except (ValueError, OverflowError) as error:
        raise Unreadable(_DAY) from error
    raise Unreadable(_DAY)


def case_code(cell: Cell) -> str:
    """Read a case's code."""
    if (code := code_formats.case_code(written(cell))) is None:
        raise Unreadable(_CASE)
    return code


def agency_code(cell: Cell) -> str:
    """Read an agency's code; one of an unknown shape is taken."""
    if (agency := code_formats.agency_code(written(cell))) is None:
        raise Unreadable(_AGENCY)
    return agency[0]


def contact(cell: Cell) -> Contact:
    """Read an e-mail address or a phone number; a number cell has lost its first zero, which is put back.

    >>> contact("an@example.vn").kind, contact(912345678.0).address
    (<AddressKind.EMAIL: 1>, '+84912345678')
    """
    text = written(cell)
    try:
        return contacts.read(f"0{text}" if isinstance(cell, int | float) and not text.startswith("84") else text)
    except InvalidContact as error:
        raise Unreadable(error.message, **error.values) from error


def procedure_code(cell: Cell) -> str:
    """Read a procedure's base code; a number cell has lost its last zeros, which are put back.

    >>> procedure_code(1.00489), procedure_code("2.000815.000.00.00.H55")
    ('1.004890', '2.000815')
    """
    text = f"{cell:.6f}" if isinstance(cell, float) else written(cell)
    if (code := code_formats.procedure_code(text)) is None:
        raise Unreadable(_PROCEDURE)
    return code


def choice(words: Mapping[str, Choice], names: str) -> Callable[[Cell], Choice]:
    """Return a reader of one of some words; `names` lists them, for the message to who wrote another."""
    plainly = {word_key(word): value for word, value in words.items()}

    def read(cell: Cell) -> Choice:
        if (value := plainly.get(word_key(written(cell)))) is None:
            raise Unreadable(_CHOICE, words=names)
        return value

    return read
