"""Read back what provinces export (`survey.reports.parquet`): of each file the month of one province, or why not.

A file that is damaged, of another edition or without sense is refused by its name and column: nothing is guessed, and
nothing is left out quietly.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, cast

import pyarrow as pa
import pyarrow.parquet

from analysis.command.faults import FileRefused
from analysis.command.files import files_of, successors
from survey.errors import ImportRefused, InvalidPeriod, NotFound
from survey.i18n import nfc
from survey.models import Texts
from survey.periods import Basis, parse
from survey.reports.parquet import COUNTED, EDITION, SCHEMA
from survey.results.disclosure import Withheld
from survey.results.live_counts import LEVELS
from survey.results.nation import ProvinceMonth, ProvinceRegister
from survey.results.open_cohort import COHORT_SHOWN

LINE = {"line": "total", "channel": "invitation"}  # the row that is judged
WITHHELD = ("", "few", "others", "open")
FileRow: TypeAlias = "dict[str, object]"


def lake_months(pattern: str, basis: Basis) -> list[ProvinceMonth]:
    """Return the month of each file that a pattern names, all of one basis, no province and month twice.

    Raises:
        NotFound: there is no such file.
        ImportRefused: a file cannot be used; it is named, with the column.
    """
    try:
        files = files_of(Path(pattern))
    except FileRefused as refusal:
        raise NotFound("No file is called “%(pattern)s”.", pattern=pattern) from refusal
    months: list[ProvinceMonth] = []
    first = dict[tuple[str, str], Path]()
    for file in files:
        month = read_month(file)
        if month.period.basis != basis:
            raise _refusal(file, "basis", str(month.period.basis), str(basis))
        before = first.setdefault((month.code, month.period.code), file)
        if before != file:
            raise ImportRefused(
                "“%(path)s” and “%(other)s” tell of the same province and month (%(province)s, %(period)s).",
                path=str(file),
                other=str(before),
                province=month.code,
                period=month.period.code,
            )
        months.append(month)
    return months


def read_month(file: Path) -> ProvinceMonth:
    """Return what a file tells of its province as a whole, by invitation.

    Raises:
        ImportRefused: it cannot be used; it is named, with the column.
    """
    row = _row(file)
    code, period, basis = (nfc(str(row[name])) for name in ("province", "period", "basis"))
    if row["code"] != code or not code:
        raise _refusal(file, "code", str(row["code"]), code)
    try:
        month = parse(period, basis)
    except InvalidPeriod as error:
        raise _refusal(file, "period", f"{period}, {basis}", "2026-10, calendar") from error
    withheld = str(row["withheld"])
    if withheld not in WITHHELD:
        raise _refusal(file, "withheld", withheld, ", ".join(WITHHELD[1:]))
    return ProvinceMonth(
        code=code,
        name={"vi": nfc(str(row["name"])), "en": nfc(str(row["name_en"]))},
        period=month,
        demo=bool(row["demo"]),
        withheld=cast("Withheld", withheld),
        counted=(counted := _counts(file, row, bool(withheld))),
        answered=counted["answered"],
    )


def read_register(file: Path) -> ProvinceRegister:
    """Return the provinces of a CSV with the columns code, name and, if they are there, name_en, successor, last_month.

    Raises:
        ImportRefused: it cannot be read, has not these columns, a code twice, or successors that go round in a circle.
    """
    columns = "code, name (name_en, successor, last_month)"
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened))
        names = {nfc(row["code"]): _names(row) for row in rows}
        last = {nfc(row["code"]): (row.get("last_month") or "").strip() for row in rows}
        after = successors(file) if any(row.get("successor") for row in rows) else {}
        for month in filter(None, last.values()):
            parse(month)
        if len(names) < len(rows):
            raise KeyError("code")  # there twice
    except (OSError, UnicodeDecodeError, KeyError, AttributeError, csv.Error, FileRefused, InvalidPeriod) as error:
        raise ImportRefused(
            "“%(path)s” must be a CSV file in UTF-8 with the columns %(columns)s, in which each code stands once and "
            "successors do not go round in a circle.",
            path=str(file),
            columns=columns,
        ) from error
    return ProvinceRegister(names, after, {code: month for code, month in last.items() if month})


def _names(row: Mapping[str, str | None]) -> Texts:
    name = nfc(row["name"] or "")
    return {"vi": name, "en": nfc(row.get("name_en") or "") or name}


def _row(file: Path) -> FileRow:
    """Return the one row that is judged, once the file is what it must be."""
    try:
        with pyarrow.parquet.ParquetFile(file) as opened:
            _check_schema(file, opened.schema_arrow)
            rows = opened.read().to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise ImportRefused("“%(path)s” cannot be read as Parquet: it is damaged or none.", path=str(file)) from error
    chosen = [row for row in rows if all(row[name] == value for name, value in LINE.items())]
    if len(chosen) != 1:
        raise _refusal(file, "line", f"total, invitation: {len(chosen)}", "1")
    return cast("FileRow", chosen[0])


def _check_schema(file: Path, schema: pa.Schema) -> None:
    edition = (schema.metadata or {}).get(b"edition", b"").decode("utf-8", "replace")
    if edition != EDITION:
        raise ImportRefused(
            "“%(path)s” is of edition %(edition)s of the figures; edition %(ours)s is read here. Export it anew by "
            "this version.",
            path=str(file),
            edition=edition or "–",
            ours=EDITION,
        )
    for wanted in SCHEMA:
        if wanted.name not in schema.names:
            raise ImportRefused("“%(path)s” has no column %(column)s.", path=str(file), column=wanted.name)
        if (kind := schema.field(wanted.name).type) != wanted.type:
            raise _refusal(file, wanted.name, str(kind), str(wanted.type))


def _counts(file: Path, row: FileRow, withheld: bool) -> dict[str, int]:
    """Return the counts of a row; those of what was said are zero where it is withheld.

    Raises:
        ImportRefused: one is missing, below zero, or cannot be so beside another one.
    """
    counts = dict[str, int]()
    for name in COUNTED:
        value = row[name]
        if withheld and name not in ("answered", *COHORT_SHOWN):
            value = 0
        if not isinstance(value, int) or value < 0:
            raise _refusal(file, name, str(value), "0 …")
        counts[name] = value
    if not withheld:
        _equal(file, counts, "answered", LEVELS)
        _equal(file, counts, "satisfied", LEVELS[3:])
    for less, more in (("rated", "finished"), ("invited", "finished")):
        if counts[less] > counts[more]:
            raise _refusal(file, less, str(counts[less]), f"0 … {counts[more]}")
    return counts


def _equal(file: Path, counts: Mapping[str, int], name: str, parts: Sequence[str]) -> None:
    whole = sum(_of(counts, parts))
    if counts[name] != whole:
        raise _refusal(file, name, str(counts[name]), f"{' + '.join(parts)} = {whole}")


def _of(counts: Mapping[str, int], names: Iterable[str]) -> Iterable[int]:
    return (counts[name] for name in names)


def _refusal(file: Path, column: str, value: str, wanted: str) -> ImportRefused:
    return ImportRefused(
        "“%(path)s”, column %(column)s: there is “%(value)s” where there must be “%(wanted)s”.",
        path=str(file),
        column=column,
        value=value,
        wanted=wanted,
    )
