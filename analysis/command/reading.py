"""Read anybody's table in blocks of rows: CSV in its many dialects, or Parquet, without holding the whole file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from analysis import delimited
from analysis.command import workbook
from analysis.command.faults import InputFault, refuse
from analysis.command.values import name, stored

BLOCK_BYTES = 1 << 20
BLOCK_ROWS = 1 << 18
SLOW_ROWS = 20_000
HEADER_ROWS = 20


@dataclass(frozen=True)
class ColumnTexts:
    """A column of a block: the distinct texts, and for each row which of them it holds."""

    texts: list[str]
    codes: NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Some rows of the file: the columns asked for, the place of each row if known, and the share read so far."""

    columns: dict[str, ColumnTexts]
    size: int
    lines: NDArray[np.int64] | None
    done: float

    def only(self, rows: NDArray[np.bool_]) -> Block:
        """Return the block with those rows alone."""
        columns = {column: ColumnTexts(texts.texts, texts.codes[rows]) for column, texts in self.columns.items()}
        return Block(columns, int(rows.sum()), None if self.lines is None else self.lines[rows], self.done)


@dataclass(frozen=True)
class InputTable:
    """A file whose header is read: column names in one spelling, in order.

    `skip`: lines or rows before the header; `sheet`: of a workbook, the sheet that has the columns asked for;
    `numbered`: the next row only numbers the columns; `hidden_sheets` hold such a table too; `hidden_rows`: those read.
    """

    path: Path
    header: tuple[str, ...]
    unit: str
    delimiter: str = ""
    encoding: str = ""
    skip: int = 0
    sheet: str = ""
    numbered: bool = False
    hidden_sheets: tuple[str, ...] = ()
    hidden_rows: set[int] = field(default_factory=set, compare=False)

    @property
    def decimal(self) -> str:
        """Return the decimal sign that goes with how columns are separated: a comma beside semicolons."""
        return {",": ".", ";": ","}.get(self.delimiter, "")

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Return the columns of a workbook, all of which are looked at for rows that add up others."""
        return tuple(name for name in self.header if name and self.header.count(name) == 1) if self.sheet else ()

    def place(self, columns: Sequence[str]) -> list[int]:
        """Return where the columns are, refusing those that are missing or there twice."""
        for column in columns:
            times = self.header.count(column)
            if times != 1:
                why = "no such column; there are: " + ", ".join(self.header) if not times else f"is there {times} times"
                raise refuse(why + ("" if not times else ": give each column its own name"), column)
        return [self.header.index(column) for column in columns]


def open_table(path: Path, wanted: Sequence[str] = (), encoding: str = "", sheet: str = "") -> InputTable:
    """Find out what kind of table the file is, and read its header.

    The header is the first row of the first twenty that has all `wanted` columns, otherwise the first; of a workbook,
    of the only sheet that has such a row, or of the `sheet` named. `encoding` is asked for only where the file does not
    tell it.

    Raises:
        FileRefused: not there, not a file, empty, or without a readable header.
    """
    try:
        with path.open("rb") as file:
            start = file.read(delimited.START_BYTES)
    except OSError as error:
        raise refuse(f"cannot read {path}: {error.strerror or error}") from error
    if start.startswith(b"PAR1"):
        try:
            names = pyarrow.parquet.read_schema(path).names
        except (pa.ArrowException, OSError) as error:
            raise refuse(f"a damaged Parquet file: {error}") from error
        return InputTable(path, tuple(map(name, names)), "row")
    if workbook.is_one(start):
        title, skip, header, hidden = workbook.header(path, wanted, HEADER_ROWS, sheet)
        below = next((row for _, row, _ in workbook.rows(path, title, skip + 1)), [])
        return InputTable(path, header, "row", skip=skip, sheet=title, numbered=_numbers(below), hidden_sheets=hidden)
    return _csv_table(path, start, wanted, encoding)


def _csv_table(path: Path, start: bytes, wanted: Sequence[str], encoding: str) -> InputTable:
    try:
        dialect = delimited.dialect(start, encoding)
        skip, header = dialect.skip, tuple(map(name, dialect.header))
        separator = dialect.separator
        if not set(wanted) <= set(header):
            for sign, line, row in delimited.first_rows(start, dialect, HEADER_ROWS):
                titles = tuple(map(name, row))
                if wanted and set(wanted) <= set(titles):
                    skip, header, separator = line, titles, sign
                    break
    except UnicodeDecodeError as error:
        title = start[: error.end + 80].splitlines()[0].decode("utf-8", "surrogateescape")
        raise refuse(f"line 1 is {not_utf8(title)}") from error
    except LookupError as error:
        raise refuse(f"{encoding} is no encoding that is known here") from error
    except csv.Error as error:
        raise refuse(f"the first line cannot be read: {error}") from error
    if not any(header):
        raise refuse("the file is empty, or its first line is: it must name the columns")
    below = list[str]()
    with suppress(csv.Error):  # the reader of the rows names it
        rows = delimited.first_rows(start, replace(dialect, separator=separator), HEADER_ROWS + 2)
        below = next((row for sign, line, row in rows if sign == separator and line > skip), [])
    code = dialect.encoding.removesuffix("-sig")
    # The byte order mark stands in the header, which no block holds; pyarrow reads plain UTF-8 fastest.
    return InputTable(path, header, "line", separator, code, skip, numbered=_numbers(below))


def _numbers(row: Sequence[str]) -> bool:
    """Return whether a row only numbers the columns, in brackets: 1, 2, 3 alone may be what somebody answered."""
    texts = [text.strip() for text in row if text.strip()]
    return delimited.numbers_columns(texts) and any(text.startswith("(") for text in texts)


def not_utf8(text: str) -> str:
    r"""Say that a text with bytes that are no UTF-8 cannot be read, and what it would be in an old encoding.

    >>> not_utf8("Hu\udceaf")
    'not readable as UTF-8; in windows-1252 it is “Huêf”: if so, add --encoding windows-1252, or save as “CSV UTF-8”'
    """
    given = text.encode("utf-8", "surrogateescape")
    code = delimited.legacy(given)
    shown = name(given.decode(code, "replace"))[:40]
    return f"not readable as UTF-8; in {code} it is “{shown}”: if so, add --encoding {code}, or save as “CSV UTF-8”"


class Unclear(Exception):
    """The fast reader met something that only the careful one can name."""


def fast_blocks(table: InputTable, columns: Sequence[str]) -> Iterator[Block]:
    """Give the columns in blocks without the lines' numbers, or stop with `Unclear` at anything odd."""
    where = table.place(columns)
    if table.sheet:
        yield from _workbook(table, columns, where)
        return
    batches = _parquet(table, where) if not table.delimiter else _csv(table, where)
    for first, batch, done in batches:
        lines = np.arange(first, first + batch.num_rows) if not table.delimiter else None
        yield Block(dict(zip(columns, map(_texts, batch.columns), strict=True)), batch.num_rows, lines, done)


def _workbook(table: InputTable, columns: Sequence[str], where: list[int]) -> Iterator[Block]:
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, row, hidden in islice(workbook.rows(table.path, table.sheet, table.skip + 1), table.numbered, None):
        table.hidden_rows.update([line] * hidden)
        rows.append([row[place] if place < len(row) else "" for place in where])
        lines.append(line)
        if len(rows) == SLOW_ROWS:
            yield _block(columns, rows, lines, 0.5)
            rows, lines = [], []
    if rows:
        yield _block(columns, rows, lines, 1.0)


def _parquet(table: InputTable, where: list[int]) -> Iterator[tuple[int, Any, float]]:
    with pyarrow.parquet.ParquetFile(table.path) as file:
        names, rows, first = [file.schema_arrow.names[i] for i in where], file.metadata.num_rows, 1
        for batch in file.iter_batches(BLOCK_ROWS, columns=names):
            batch = batch.select(names)
            yield first, batch, (first + batch.num_rows) / max(rows, 1)
            first += batch.num_rows


def _csv(table: InputTable, where: list[int]) -> Iterator[tuple[int, Any, float]]:
    names = [str(place) for place in range(len(table.header))]
    size = table.path.stat().st_size
    with pa.OSFile(str(table.path)) as file:
        try:
            reader = pyarrow.csv.open_csv(
                file,
                pyarrow.csv.ReadOptions(
                    block_size=BLOCK_BYTES,
                    encoding=table.encoding,
                    column_names=names,
                    skip_rows=table.skip,
                    skip_rows_after_names=1 + table.numbered,
                ),
                pyarrow.csv.ParseOptions(delimiter=table.delimiter, newlines_in_values=True),
                pyarrow.csv.ConvertOptions(
                    include_columns=[names[i] for i in where],
                    column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                yield 0, batch, file.tell() / size
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise Unclear from error


def _texts(column: Any) -> ColumnTexts:
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    texts = [stored(value) for value in column.dictionary.to_pylist()]
    if column.null_count:
        codes = column.indices.fill_null(len(texts)).to_numpy()
        return ColumnTexts([*texts, ""], codes.astype(np.int64))
    return ColumnTexts(texts, column.indices.to_numpy().astype(np.int64))


def careful_blocks(table: InputTable, columns: Sequence[str], faults: list[InputFault]) -> Iterator[Block]:
    """Give the same columns with the number of each line, and add to `faults` the lines that are not rows."""
    where = table.place(columns)
    rows: list[list[str]] = []
    lines: list[int] = []
    size = table.path.stat().st_size
    errors = "surrogateescape" if table.encoding == "utf-8" else "replace"
    with table.path.open("rb") as raw, io.TextIOWrapper(raw, table.encoding, errors, newline="") as file:
        for line, row in _rows(file, table, faults):
            rows.append([row[i] for i in where])
            lines.append(line)
            if len(rows) == SLOW_ROWS:
                yield _block(columns, rows, lines, raw.tell() / size)
                rows, lines = [], []
    if rows:
        yield _block(columns, rows, lines, 1.0)


def _rows(file: Any, table: InputTable, faults: list[InputFault]) -> Iterator[tuple[int, list[str]]]:
    """Give each whole row with the line it starts on."""
    for _ in range(table.skip):
        next(file)
    reader = csv.reader(file, delimiter=table.delimiter)
    end, above = 0, 1 + table.numbered
    while True:
        start, place = end + 1 + table.skip, f"line {end + 1 + table.skip}"
        try:
            row = next(reader, None)
        except csv.Error as error:
            faults.append(InputFault(place, "", f"{error}: look for a quotation mark that is not closed"))
            return
        end = reader.line_num
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if above:
            above -= 1
            continue
        if len(row) > len(table.header) and not any(cell.strip() for cell in row[len(table.header) :]):
            del row[len(table.header) :]
        if len(row) != len(table.header):
            wrong = f"{len(row)} columns where the header has {len(table.header)}"
            faults.append(InputFault(place, "", f"{wrong}: look for a stray {table.delimiter!r} or quotation mark"))
            continue
        yield start, row


def _block(columns: Sequence[str], rows: list[list[str]], lines: list[int], done: float) -> Block:
    texts_of = {}
    for column, texts in zip(columns, zip(*rows, strict=True), strict=True):
        order = {text: code for code, text in enumerate(dict.fromkeys(texts))}
        texts_of[column] = ColumnTexts(list(order), np.array([order[text] for text in texts], dtype=np.int64))
    return Block(texts_of, len(rows), np.array(lines), done)
