"""How a CSV file is written, by its first bytes: its encoding, its separator and the names in its first line."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

KINDS = (
    ("xml", re.compile(r"\s*<(?:\?xml|\w+:?workbook)", re.IGNORECASE)),
    ("html", re.compile(r"\s*<(?:!|[a-z][\w:]*[\s>/])|(?:[\w-]+:[^\r\n]*\r?\n)*?mime-version:", re.IGNORECASE)),
    ("rtf", re.compile(r"\s*\{\\rtf")),
    ("pdf", re.compile(r"%PDF-")),
)
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
SEPARATORS = ",;\t|"
START_BYTES = 1 << 16
LINES = 500  # by which the separator is judged
NUMBER = re.compile(r"\(?\s*([A-Z]|\d{1,2})\s*\)?(?:\s*=.*)?", re.IGNORECASE)
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Dialect:
    """What a reader of the file needs to be told; `skip` lines stand before the header."""

    encoding: str
    separator: str
    skip: int
    header: tuple[str, ...]


def encoding(start: bytes) -> str:
    """Return the encoding of a text by its first bytes: by its mark, or UTF-16 by its zeros, or UTF-8.

    >>> encoding("Mã".encode("utf-16")), encoding("Số".encode("utf-16-le")), encoding("Mã".encode())
    ('utf-16', 'utf-16-le', 'utf-8')
    """
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8"


def legacy(text: bytes) -> str:
    """Return the encoding of before Unicode in which a text that is not UTF-8 was most likely written.

    Windows-1258 where its combining signs give Vietnamese letters, otherwise Windows-1252.

    >>> legacy("Đà Nẵng".encode("cp1258", "ignore")), legacy("Köln".encode("cp1252"))
    ('windows-1258', 'windows-1252')
    """
    vietnamese = unicodedata.normalize("NFC", text.decode("cp1258", "ignore"))
    telling = any("\u1e00" <= sign <= "\u1eff" or sign in "Đđ" for sign in vietnamese)
    return "windows-1258" if telling else "windows-1252"


def dialect(start: bytes, given: str = "") -> Dialect:
    r"""Return how a file is written whose first `START_BYTES` bytes are given.

    `given` is its encoding if it is known and no mark says another.

    The separator is the one that gives the most lines one and the same number of fields: titles above a table, and
    commas in its texts, do not decide. Of equals it is the one with more fields, then the first of comma, semicolon,
    tab and bar. A line "sep=;", which spreadsheets put first, is passed over, and its sign is taken. Edges: an empty
    file has no header.

    Raises:
        UnicodeDecodeError: the first line cannot be decoded; what comes after it is left to the reader.
        csv.Error: the first line is no CSV.
        LookupError: an encoding that does not exist is given.

    >>> dialect("sep=;\nMã;Tên\n".encode("utf-8-sig"))
    Dialect(encoding='utf-8-sig', separator=';', skip=1, header=('Mã', 'Tên'))
    >>> dialect("Mã;Tên\nA1;Xã A, huyện B\nA2;Xã C, huyện B\n".encode()).separator
    ';'
    """
    code = encoding(start)
    if given and code == "utf-8":
        code = codecs.lookup(given).name
    text = _text(start, code)
    skip = 1 if text[:4].lower() == "sep=" else 0
    named = text[4:5] if skip else ""
    lines = list(itertools.islice(io.StringIO(text, newline=""), skip, skip + LINES))
    separator = named if named and named in SEPARATORS else max(SEPARATORS, key=lambda sign: _fit(lines, sign))
    return Dialect(code, separator, skip, tuple(next(csv.reader(lines, delimiter=separator), [])))


def kind(start: bytes) -> str:
    r"""Return what a file is that only bears the name of a table: html, xml, rtf, pdf or picture; nothing for a table.

    >>> kind(b"\r\n<!-- saved --><div>"), kind(b"From: x\r\nMIME-Version: 1.0\r\n"), kind("Mã;<5 năm\n".encode())
    ('html', 'html', '')
    >>> kind(b"\x89PNG\r\n\x1a\n"), kind(b"\0\0\0 ftypheic")  # a photograph of a telephone
    ('picture', 'picture')
    """
    if start.startswith(PICTURES) or start[4:8] == b"ftyp":
        return "picture"
    text = start[:1024].decode(encoding(start), "ignore").lstrip("\ufeff")
    return next((name for name, shape in KINDS if shape.match(text)), "")


def numbers_columns(texts: Sequence[str]) -> bool:
    """Return whether the texts of a row only number the columns: (1) (2) (3), or A B 1 2.

    >>> numbers_columns(["(1)", "(2)", "(3) = (1) + (2)"]), numbers_columns(["A", "B", "1", "2"])
    (True, True)
    >>> numbers_columns(["H61.1", "1"])
    False
    """
    signs = [NUMBER.fullmatch(text) for text in texts]
    if len(signs) < 2 or not all(signs):
        return False
    shown = [match[1].upper() for match in signs if match]
    letters = [sign for sign in shown if sign.isalpha()]
    numbers = [int(sign) for sign in shown if sign.isdigit()]
    return (
        shown == [*letters, *map(str, numbers)]
        and letters == sorted(letters)
        and numbers == list(range(numbers[0] if numbers else 0, (numbers[0] if numbers else 0) + len(numbers)))
    )


def first_rows(start: bytes, form: Dialect, most: int) -> Iterator[tuple[str, int, list[str]]]:
    """Yield each of the first `most` lines as a row, by every separator, with how many lines stand before it.

    The separator that `dialect` chose comes first. A row that the first bytes do not hold in full is left out.
    """
    text = _text(start, form.encoding)
    for sign in sorted(SEPARATORS, key=lambda sign: sign != form.separator):
        reader, before = csv.reader(io.StringIO(text, newline=""), delimiter=sign), 0
        for row in itertools.islice(reader, most):
            yield sign, before, row
            before = reader.line_num


def _text(start: bytes, code: str) -> str:
    try:
        return codecs.getincrementaldecoder(code)().decode(start)
    except UnicodeDecodeError as error:
        if b"\n" not in start[: error.start]:
            raise
        return start[: error.start].decode(code, "ignore")


def _fit(lines: list[str], separator: str) -> tuple[int, int]:
    """Return how many rows have one number of fields, and that number: the one that most rows of several have."""
    numbers: Counter[int] = Counter()
    with suppress(csv.Error):  # what cannot be read with this sign counts as far as it can
        numbers.update(len(row) for row in csv.reader(lines, delimiter=separator) if len(row) > 1)
    fields, rows = max(numbers.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return rows, fields
