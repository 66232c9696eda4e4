"""The arguments of the command, and the way from them through the figures to what is printed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pandas as pd

from analysis.command import printing
from analysis.command.cells import ShareRead, Wanted, add_up
from analysis.command.faults import FileRefused, refuse
from analysis.command.picture import write_chart
from analysis.command.reading import open_table
from analysis.command.values import MISSING, name
from analysis.tables import summary, total
from analysis.validation import exact_target, tail

LARGE_FILE = 20_000_000
EXAMPLES = """examples:
  python -m analysis answers.csv --rating score --by office
  python -m analysis counts.csv --satisfied satisfied --answered answered --population cases --by office,month --csv
exit code: 0 judged, 1 the file was refused (each fault on one line), 2 wrong use"""


def main(given: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = _parser()
    options = parser.parse_args(given)
    wanted = _wanted(parser, options)
    try:
        result = _judge(options, wanted)
        shown = printing.as_json if options.json else printing.as_csv if options.csv else printing.as_text
        text = shown(result)
        if options.chart:
            write_chart(result, options.chart)
    except FileRefused as refusal:
        for fault in refusal.faults:
            print(f"{printing.label([options.file.name])}: {printing.label([str(fault)])}", file=sys.stderr)
        return 1
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a real one of a program
    sys.stdout.write(text)
    return 0


def _judge(options: argparse.Namespace, wanted: Wanted) -> printing.FileResult:
    table = open_table(options.file)
    counts = pd.DataFrame(add_up(table, wanted, _progress(options.file)))
    population = "population" if wanted.population else None
    by = list(wanted.by)
    if by:
        keys = [tuple(map(_order, group)) for group in zip(*(counts[column] for column in by), strict=True)]
        counts = counts.iloc[sorted(range(len(keys)), key=keys.__getitem__)]
    if population:
        _check_cases(counts, by, wanted.population)
    arguments = (by, options.target, options.level, population, options.design)
    groups, whole = summary(counts, *arguments), total(counts, *arguments)
    return printing.FileResult(groups, whole, wanted.by, options.target, options.level, population)


def _check_cases(counts: pd.DataFrame, by: list[str], column: str) -> None:
    too_many = counts[counts["answered"] > counts["population"]]
    for row in too_many.head(1).to_dict("records"):
        where = f"{printing.label([str(row[group]) for group in by])}: " if by else ""
        cure = f"{row['answered']} answers for {row['population']} cases: remove duplicates, or correct the cases"
        raise refuse(where + cure, column)


def _order(text: str) -> tuple[int, float, str, str]:
    """Numbers by size, then words by letter."""
    return (0, float(text), "", text) if text.isdecimal() else (1, 0.0, text.casefold(), text)


def _wanted(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Wanted:
    if bool(options.rating) == bool(options.satisfied or options.answered):
        parser.error("name either --rating (one person per row), or --satisfied and --answered (counts)")
    if not options.rating and not (options.satisfied and options.answered):
        parser.error("--satisfied and --answered go together")
    if options.weight and (not options.rating or options.population):
        parser.error("--weight goes with --rating, and without --population (which weighs the groups itself)")
    if options.design != "self-selected" and not options.population:
        parser.error("--design random or census needs --population")
    clash = set(options.by) & (set(printing.RESERVED) if options.by else set())
    if clash:
        parser.error(f"--by {', '.join(sorted(clash))}: the result has a column of that name; rename yours")
    names = {
        key: name(getattr(options, key) or "") for key in ("rating", "satisfied", "answered", "weight", "population")
    }
    return Wanted(options.by, **names, missing=options.missing, satisfied_from=options.satisfied_from)


def _progress(file: Path) -> ShareRead:
    if not sys.stderr.isatty() or not file.exists() or file.stat().st_size < LARGE_FILE:
        return lambda _: None

    def show(done: float) -> None:
        filled = round(30 * min(done, 1.0))
        end = "\r\033[K" if done >= 1 else ""
        print(f"\rReading [{'█' * filled}{' ' * (30 - filled)}] {min(done, 1.0):4.0%}{end}", end="", file=sys.stderr)

    return show


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
    return tuple(dict.fromkeys(name(part) for part in text.split(",") if name(part)))


def _missing(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


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
    add("file", type=Path, metavar="FILE", help="CSV (comma, semicolon or tab; UTF-8 or UTF-16) or Parquet")
    add("--target", type=_share, default="0.90", metavar="SHARE", help="the share to reach (default: 0.90)")
    add(
        "--by", type=_names, default=(), metavar="COLUMN[,COLUMN]", help="one group per value, or combination of values"
    )
    add("--rating", metavar="COLUMN", help="ratings 1 to 5, one person per row")
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
    add("--level", type=_level, default=0.95, metavar="SHARE", help="two-sided confidence (default: 0.95)")
    add("--satisfied-from", type=int, choices=range(2, 6), default=4, help="the lowest satisfied rating (default: 4)")
    add(
        "--missing",
        type=_missing,
        default=MISSING,
        metavar="TEXT[,TEXT]",
        help="what means no answer, besides blank (default: 9, NA, no opinion, không có ý kiến)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print everything as JSON")
    form.add_argument("--csv", action="store_true", help="print the groups as CSV")
    add("--chart", type=_svg, metavar="FILE.svg", help="draw the rates and intervals against the target")
    return parser
