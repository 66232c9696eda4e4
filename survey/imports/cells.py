"""What one cell may say: text, codes, days, and words that stand for a fixed choice."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from analysis.garbled import lost, meant
from analysis.sheet_rows import Cell
from survey.delivery import contact as contacts
from survey.delivery.contact import Contact
from survey.errors import InvalidContact, SurveyError
from survey.i18n import length, msgid, nfc
from survey.organisation import code_formats
from survey.periods import local_day

Choice = TypeVar("Choice")
ReadCode = TypeVar("ReadCode")
ReadCell = Callable[[Cell], Any]
YEARS = range(1990, 2101)
NO_CONTACT = {"", "khong", "khongco", "ko", "k", "chuaco", "no", "none", "na", "null", "nil", "x", "0"}
TIME = r"\d{1,2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?|[hg]\d{0,2})(?:\s*(?:AM|PM|SA|CH))?"
COUNT = re.compile(r"\d+|\d{1,3}(?:[ .,\u00a0]\d{3})+")
MOST_COUNTED = 2_000_000_000
LOCAL = re.compile(rf"(?:{TIME}[,;]?\s+)?(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}})(?:[ T,;]+{TIME})?", re.IGNORECASE)
SLASH = re.compile(r"\s*/\s*")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?")

_DAY = msgid("This is not a day. Write it as 31/12/2026 or 2026-12-31.")
_CASE = msgid("This is not the code of a case. Write it as on the receipt, such as H61.102-261008-0975.")
_AGENCY = msgid("This is not the code of an agency. Write it as in the portal, such as H61.102.")
_PROCEDURE = msgid(
    "This is not the code of a procedure. Write it such as 1.004873; format the column as text, to lose no zero."
)
_COUNT = msgid("This is not a whole number. Write it in digits, such as 1250.")
_CHOICE = msgid("This word is not known here. Write one of: %(words)s.")
_SIGN = msgid("The sign “%(sign)s” (%(name)s) cannot stand in a code. Type the code again.")
_GARBLED = msgid("The letters of this name are garbled; it is probably “%(name)s”. Save the file in Unicode (UTF-8).")
_LOST = msgid("Letters of this name are lost. Take the file again from where it came, in Unicode (UTF-8).")
_LONG = msgid("This text is too long. Shorten it to %(most)s characters.")


class Unreadable(SurveyError):
    """A cell does not say what its column asks for."""


def word_key(word: str) -> str:
    """Return a word without accents, capitals, blanks and marks, to compare headers and choices.

    >>> word_key(" Mã  hồ-sơ "), word_key("Đối tượng"), word_key("case_code")
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
    """Return a reader of names of at most `most` characters; one that came garbled is refused with what is meant."""

    def read(cell: Cell) -> str:
        text = " ".join(written(cell).split())
        if length(text) > most:
            raise Unreadable(_LONG, most=most)
        if lost(text):
            raise Unreadable(_LOST)
        if (name := meant(text)) is not None:
            raise Unreadable(_GARBLED, name=name)
        return text

    return read


def day(cell: Cell) -> dt.date:
    """Read a day: a date cell, dd/mm/yyyy or ISO.

    >>> day("5/10/2026"), day("2026-10-04T20:30:00Z")
    (datetime.date(2026, 10, 5), datetime.date(2026, 10, 5))
    """
    text = "" if isinstance(cell, dt.date) else day_text(cell)
    value = cell.date() if isinstance(cell, dt.datetime) else cell if isinstance(cell, dt.date) else _day(text)
    if value.year not in YEARS:
        raise Unreadable(_DAY)
    return value


def day_text(cell: Cell) -> str:
    """Return a day as it was meant, by the rules of codes: with plain hyphens, without what nobody sees.

    >>> day_text("'05 / 10–2026\u200b")
    '05/10-2026'
    """
    return SLASH.sub("/", code_formats.plain_code(written(cell)))


@lru_cache(maxsize=4096)
def _day(text: str) -> dt.date:
    local, iso = LOCAL.fullmatch(text), ISO.fullmatch(text)
    try:
        if iso and iso["zone"]:
            return local_day(dt.datetime.fromisoformat(text))
        if local or iso:
            year, month, number = local.group(3, 2, 1) if local else iso.group(1, 2, 3)  # type: ignore[union-attr]  # one matched
            return dt.date(int(year), int(month), int(number))
    except (ValueError, OverflowError) as error:
        raise Unreadable(_DAY) from error
    raise Unreadable(_DAY)


def case_code(cell: Cell) -> str:
    """Read a case's code."""
    return _code(cell, code_formats.case_code, _CASE)


def agency_code(cell: Cell) -> str:
    """Read an agency's code; one of an unknown shape is taken."""
    return _code(cell, code_formats.agency_code, _AGENCY)[0]


def agency_codes(cell: Cell) -> tuple[str, ...]:
    """Read one agency's code, or those of several with commas or semicolons between them, each once.

    >>> agency_codes("H61.1; h61.2, H61.1")
    ('H61.1', 'H61.2')
    """
    return tuple(dict.fromkeys(agency_code(part) for part in re.split(r"[;,\n]", written(cell)) if part.strip()))


def contact(cell: Cell) -> Contact | None:
    """Read an e-mail address or a phone number, or that there is none.

    >>> contact("an@example.vn").kind, contact(912345678.0).address, contact("Không có")
    (<AddressKind.EMAIL: 1>, '+84912345678', None)
    """
    text = written(cell)
    if word_key(text) in NO_CONTACT:
        return None
    try:
        return contacts.read(text)
    except InvalidContact as error:
        raise Unreadable(error.message, **error.values) from error


def procedure_code(cell: Cell) -> str:
    """Read a procedure's base code; a number cell has lost its last zeros, which are put back.

    >>> procedure_code(1.00489), procedure_code("2.000815.000.00.00.H55")
    ('1.004890', '2.000815')
    """
    return _code(f"{cell:.6f}" if isinstance(cell, float) else cell, code_formats.procedure_code, _PROCEDURE)


def _code(cell: Cell, read: Callable[[str], ReadCode | None], message: str) -> ReadCode:
    text = written(cell)
    if (code := read(text)) is not None:
        return code
    if any(c.isdigit() for c in text) and (sign := code_formats.odd_sign(text)):
        raise Unreadable(_SIGN, sign=sign, name=unicodedata.name(sign, f"U+{ord(sign):04X}"))
    raise Unreadable(message)


def count(cell: Cell) -> int:
    """Read a whole number, with or without a sign between thousands: a count has no decimals to be mistaken for.

    >>> count("144.574"), count("1 250"), count(12.0)
    (144574, 1250, 12)
    """
    text = written(cell)
    if not COUNT.fullmatch(text) or (number := int(re.sub(r"\D", "", text))) > MOST_COUNTED:
        raise Unreadable(_COUNT)
    return number


def choice(words: Mapping[str, Choice], names: str) -> Callable[[Cell], Choice]:
    """Return a reader of one of some words; `names` lists them, for the message to who wrote another."""
    plainly = {word_key(word): value for word, value in words.items()}

    def read(cell: Cell) -> Choice:
        if (value := plainly.get(word_key(written(cell)))) is None:
            raise Unreadable(_CHOICE, words=names)
        return value

    return read
