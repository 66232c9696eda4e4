"""How a CSV file is written, by its first bytes: its encoding, its separator and the names in its first line."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

SEPARATORS = ",;\t|"
START_BYTES = 1 << 16
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


def dialect(start: bytes) -> Dialect:
    r"""Return how a file is written whose first `START_BYTES` bytes are given.

    The separator is the one that makes the most columns of the first line, of equals the first of comma, semicolon,
    tab and bar. A line "sep=;", which spreadsheets put first, is passed over. Edges: an empty file has no header.

    Raises:
        UnicodeDecodeError: the first line cannot be decoded; what comes after it is left to the reader.
        csv.Error: the first line is no CSV.

    >>> dialect("sep=;\nMã;Tên\n".encode("utf-8-sig"))
    Dialect(encoding='utf-8-sig', separator=';', skip=1, header=('Mã', 'Tên'))
    """
    code = encoding(start)
    try:
        text = codecs.getincrementaldecoder(code)().decode(start)
    except UnicodeDecodeError as error:
        if b"\n" not in start[: error.start]:
            raise
        text = start[: error.start].decode(code, "ignore")
    skip = 1 if text[:4].lower() == "sep=" else 0
    headers = {separator: _header(text, skip, separator) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda sign: len(headers[sign]))
    return Dialect(code, separator, skip, tuple(headers[separator]))


def _header(text: str, skip: int, separator: str) -> list[str]:
    lines = io.StringIO(text, newline="")
    for _ in range(skip):
        next(lines)
    return next(csv.reader(lines, delimiter=separator), [])
