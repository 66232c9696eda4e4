"""The arguments of the command, and the way from them through the figures to what is printed."""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd

from analysis.command import printing
from analysis.command.cells import KeptRows, Wanted, add_up
from analysis.command.checks import check_calls, check_cases, order
from analysis.command.faults import FileRefused, refuse
from analysis.command.files import FileReading, counted, files_of, progress, succeeded, successors
from analysis.command.picture import write_chart
from analysis.command.reading import InputTable, open_table
from analysis.command.scale import MISSING, Scale, without_accents
from analysis.command.values import name
from analysis.tables import CALLED, COUNTS, summary, total
from analysis.validation import exact_target, tail

MOST_RATINGS = 100
# What the column of ratings is often called, as it is compared.
RATINGS = {"rating", "score", "overall", "satisfaction", "danh gia", "muc do hai long", "diem", "hai long"}
EXAMPLES = """examples:
  python -m analysis answers.csv --rating score --by office
  python -m analysis answers.xlsx --rating Q1 --scale 1-10 --satisfied-from 9 --by '"Office, district",Month'
  python -m analysis counts.csv --satisfied satisfied --answered answered --population cases --by office,month --csv
exit code: 0 judged, 1 the file was refused (each fault on one line), 2 wrong use"""


def main(given: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = _parser()
    options = parser.parse_args(given)
    wanted = _wanted(parser, options)
    try:
        files = files_of(options.file)
        table, wanted = _opened(options, files[0], wanted)
        clash = set(wanted.by) & set(printing.RESERVED)
        if clash:
            parser.error(f"--by {', '.join(sorted(clash))}: the result has a column of that name; rename yours")
        result = _judge(options, files if len(files) > 1 else table, wanted)
        shown = printing.as_json if options.json else printing.as_csv if options.csv else printing.as_text
        text = shown(result)
        if options.chart:
            write_chart(result, options.chart)
    except FileRefused as refusal:
        for fault in refusal.faults:
            print(f"{printing.label([options.file.name])}: {printing.label([str(fault)])}", file=sys.stderr)
        return 1
    for remark in _hidden(table):
        print(f"{printing.label([options.file.name])}: {printing.label([remark])}", file=sys.stderr)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream, in a program
    sys.stdout.write(text)
    return 0


def _opened(options: argparse.Namespace, file: Path, wanted: Wanted) -> tuple[InputTable, Wanted]:
    """Open the file, and settle which columns are meant: one whose name holds a comma, or the usual ones of no name."""
    columns = [wanted.rating, wanted.satisfied, wanted.answered, wanted.weight, wanted.population]
    columns += [column for _, column in wanted.calls]
    columns += [condition.column for condition in wanted.where]
    named = [column for column in columns if column]
    table = open_table(file, [*named, *wanted.by], options.encoding, options.sheet)
    whole = name(options.by or "")
    if len(wanted.by) > 1 and not set(wanted.by) <= set(table.header):
        other = open_table(file, [*named, whole], options.encoding, options.sheet)
        if whole in other.header:
            table, wanted = other, replace(wanted, by=(whole,))
    if wanted.rating or wanted.satisfied:
        return table, wanted
    if set(COUNTS) <= set(table.header):
        return table, replace(wanted, answered="answered", satisfied="satisfied")
    ratings = [column for column in table.header if without_accents(column) in RATINGS]
    if len(ratings) != 1:
        there = ", ".join(column for column in table.header if column)
        raise refuse(
            "which column holds the ratings? Name it with --rating, or name counts with --satisfied and --answered;"
            f" there are: {there}"
        )
    return table, replace(wanted, rating=ratings[0])


def _hidden(table: InputTable) -> Iterator[str]:
    """Say what of a workbook nobody sees who opens it: rows that were counted, sheets that were not read."""
    if table.hidden_rows:
        first, rows = min(table.hidden_rows), len(table.hidden_rows)
        yield f"hidden rows from row {first} on: {rows:,}; they are counted like all others"
    for sheet in table.hidden_sheets:
        yield f"the hidden sheet “{sheet}” holds these columns too and is not read: name it as --sheet if it should be"


def _judge(options: argparse.Namespace, files: Sequence[Path] | InputTable, wanted: Wanted) -> printing.FileResult:
    reading = FileReading(wanted, options.encoding, options.sheet)
    if isinstance(files, InputTable):
        counts = pd.DataFrame(add_up(files, wanted, progress(options.file)))
    else:
        counts = counted(files, reading, options.scheduler, options.workers)
    if options.successors:
        counts = succeeded(counts, wanted, successors(options.successors))
    population = "population" if wanted.population else None
    by = list(wanted.by)
    if by:
        keys = [tuple(map(order, group)) for group in zip(*(counts[column] for column in by), strict=True)]
        counts = counts.iloc[sorted(range(len(keys)), key=keys.__getitem__)]
    if population:
        check_cases(counts, by, wanted.population)
    if wanted.calls:
        check_calls(counts, by, dict(wanted.calls)["called"])
    arguments = (by, options.target, options.level, population, options.design)
    groups, whole = summary(counts, *arguments), total(counts, *arguments)
    return printing.FileResult(groups, whole, wanted.by, options.target, options.level, population)


def _wanted(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Wanted:
    if options.rating and (options.satisfied or options.answered):
        parser.error("name either --rating (one person per row), or --satisfied and --answered (counts)")
    if bool(options.satisfied) != bool(options.answered):
        parser.error("--satisfied and --answered go together")
    if options.weight and (options.satisfied or options.population):
        parser.error("--weight goes with --rating, and without --population (which weighs the groups itself)")
    if options.design != "self-selected" and not options.population:
        parser.error("--design random or census needs --population")
    if bool(options.called) != bool(options.called_satisfied) or (options.unreached and not options.called):
        parser.error("--called and --called-satisfied go together, and --unreached with them")
    if options.called and not (options.satisfied and options.population):
        parser.error("--called needs counts (--satisfied, --answered) and --population")
    names = {
        key: name(getattr(options, key) or "") for key in ("rating", "satisfied", "answered", "weight", "population")
    }
    try:
        by = _names(options.by) if options.by else ()
        where = tuple(map(_condition, _fields(options.where) if options.where else ()))
        words = dict(map(_word, _fields(options.words) if options.words else ()))
    except (ValueError, csv.Error) as error:
        parser.error(str(error))
    low, high = options.scale
    if (low, high) != (1, 5) and options.satisfied_from is None:
        parser.error("--scale needs --satisfied-from: which is the lowest rating of a satisfied person?")
    lowest = 4 if options.satisfied_from is None else options.satisfied_from
    if not low < lowest <= high or any(not low <= rating <= high for rating in words.values()):
        parser.error(f"--satisfied-from must lie above {low} and not above {high}, and --words within {low} to {high}")
    scale = Scale(low, high, lowest, options.reverse, words, options.missing)
    calls = tuple((count, name(getattr(options, count))) for count in CALLED if getattr(options, count))
    return Wanted(by, **names, calls=calls, scale=scale, where=where)


def _fields(text: str) -> list[str]:
    """Divide a list at its commas, but not inside quotation marks."""
    return next(csv.reader([text], skipinitialspace=True, strict=True))


def _condition(text: str) -> KeptRows:
    column, sign, value = text.partition("!=") if "!=" in text else text.partition("=")
    if not sign or not name(column):
        raise ValueError(f"--where {text!r}: write COLUMN=VALUE or COLUMN!=VALUE")
    return KeptRows(name(column), name(value), other=sign == "!=")


def _word(text: str) -> tuple[str, int]:
    word, _, rating = text.rpartition("=")
    if not word.strip() or not rating.strip().isdecimal():
        raise ValueError(f"--words {text!r}: write WORD=RATING, such as 'Tốt=4'")
    return name(word), int(rating)


def _share(text: str) -> Fraction:
    plain = text.strip().replace(",", ".")
    try:
        return exact_target(Fraction(plain[:-1].strip()) / 100 if plain.endswith("%") else plain)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a share between 0 and 1, such as 0.9 or 90%") from None


def _level(text: str) -> float:
    try:
        level = float(_share(text))
        tail(level)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a confidence level such as 0.95") from None
    return level


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name(part) for part in _fields(text) if name(part)))


def _missing(text: str) -> tuple[str, ...]:
    return tuple(_fields(text)) if text else ("",)


def _scale(text: str) -> tuple[int, int]:
    ends = re.fullmatch(r"([01])\s*[-–]\s*(\d{1,3})", text.strip())
    if not ends or not 2 <= int(ends[2]) <= MOST_RATINGS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a scale such as 1-10 (from 0 or 1, to {MOST_RATINGS} at most)"
        )
    return int(ends[1]), int(ends[2])


def _svg(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".svg":
        raise argparse.ArgumentTypeError(f"{text!r} must end in .svg")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Judge a satisfaction rate against a target, with an exact interval and a verdict per group.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "file",
        type=Path,
        metavar="FILE",
        help="CSV (comma, semicolon, tab or bar), .xlsx or Parquet; several by a pattern: 'lake/**/*.parquet'",
    )
    add("--target", type=_share, default="0.90", metavar="SHARE", help="the share to reach (default: 0.90)")
    add(
        "--by",
        metavar="COLUMN[,COLUMN]",
        help="one group per value, or combination of values; a name with a comma in quotation marks",
    )
    add("--where", metavar="COLUMN=VALUE[,…]", help="count those rows only; COLUMN!=VALUE leaves rows out")
    add("--rating", metavar="COLUMN", help="ratings of one person per row: numbers, words, or both (“4 - Hài lòng”)")
    add("--scale", type=_scale, default=(1, 5), metavar="1-10", help="lowest and highest rating (default: 1-5)")
    add("--satisfied-from", type=int, metavar="RATING", help="the lowest satisfied rating (default on 1-5: 4)")
    add("--reverse", action="store_true", help="in the file the lowest number is the best")
    add("--words", metavar="WORD=RATING[,…]", help="what words mean, beside the usual ones in Vietnamese and English")
    add("--satisfied", metavar="COLUMN", help="counts: how many were satisfied")
    add("--answered", metavar="COLUMN", help="counts: how many answered")
    add("--weight", metavar="COLUMN", help="how many persons each answer stands for")
    add("--population", metavar="COLUMN", help="cases handled: added up over counts; one number per group of persons")
    add(
        "--design",
        choices=("self-selected", "random", "census"),
        default="self-selected",
        help="how the answers came about; random and census narrow the interval by the population",
    )
    add("--called", metavar="COLUMN", help="counts: how many of those who did not answer were called, drawn at random")
    add("--called-satisfied", metavar="COLUMN", help="counts: how many of those called were satisfied")
    add("--unreached", metavar="COLUMN", help="counts: how many of those called could not be reached")
    add("--level", type=_level, default=0.95, metavar="SHARE", help="two-sided confidence (default: 0.95)")
    add("--sheet", default="", metavar="NAME", help="of a workbook, where several sheets hold such a table")
    add("--encoding", default="", metavar="NAME", help="of a CSV file that is not Unicode, such as windows-1258")
    add(
        "--missing",
        type=_missing,
        default=MISSING,
        metavar="TEXT[,TEXT]",
        help="what means no answer, besides blank (default: NA, no opinion, không có ý kiến and others; 9 on 1-5)",
    )
    add("--successors", type=Path, metavar="FILE", help="CSV (code, successor): groups that count as another by now")
    add("--workers", type=int, default=0, metavar="N", help="of several files: count them in N processes (Dask)")
    add("--scheduler", default="", metavar="tcp://HOST:8786", help="of several files: count them on a Dask cluster")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything as JSON")
    form.add_argument("--csv", action="store_true", help="print the groups as CSV")
    add("--chart", type=_svg, metavar="FILE.svg", help="draw the rates and intervals against the target")
    return parser
