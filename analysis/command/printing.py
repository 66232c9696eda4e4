"""What the command prints: an aligned table with the verdict in a sentence, JSON, CSV, or an SVG chart."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from analysis.formulas import inert
from analysis.printed import Rounding, half_up, printed_limits, printed_rate, printed_share
from analysis.publication import LEAST_ANSWERS
from analysis.tables import CALLED, LEVELS, NEEDED, WEIGHTS
from analysis.validation import tail
from analysis.verdict import responses_needed

VERDICTS = {"met": "met", "not_met": "not met", "inconclusive": "inconclusive"}
RESERVED = (
    "answered",
    "satisfied",
    "population",
    "no_answer",
    "rate",
    "lower",
    "upper",
    "verdict",
    "certain",
    "p_met",
    "p_not_met",
    "suppress",
    "flag_complement",
    "review",
    "response_rate",
    "possible_lower",
    "possible_upper",
    "break_even",
    "mean",
    "mean_lower",
    "mean_upper",
    "index",
    "n_eff",
    "design_effect",
    "unweighted_rate",
    "covered_share",
    "all_rate",
    "all_rate_if_alike",
    "all_lower",
    "all_upper",
    "all_verdict",
    "silent_lower",
    "silent_upper",
    *CALLED,
    *LEVELS,
    *WEIGHTS,
    *NEEDED,
)
MOST_SENTENCES = 12


@dataclass(frozen=True)
class FileResult:
    """The figures of every group and of the whole, and what they were judged by."""

    groups: pd.DataFrame
    total: pd.DataFrame
    by: tuple[str, ...]
    target: Fraction
    confidence: float
    population: str | None

    @property
    def goal(self) -> str:
        """Return the target in words: 90 %."""
        return f"{100 * float(self.target):.10g} %"


def percent(share: float, rounding: Rounding = half_up) -> str:
    """Write a share as a percentage.

    >>> percent(0.9234), percent(float("nan"))
    ('92.3 %', '–')
    """
    return "–" if math.isnan(share) else f"{printed_share(share, rounding)} %"


def rate(share: float, result: FileResult) -> str:
    """Write a rate, never rounded up to a target that it misses."""
    return "–" if math.isnan(share) else f"{printed_rate(share, result.target)} %"


def rates(row: Any, result: FileResult) -> str:
    """Write the rate of a row; where it is weighted, after the plain share of the counts that stand beside it."""
    plain = getattr(row, "unweighted_rate", None)
    if plain is None:
        return rate(row.rate, result)
    weighted = "no weighted rate" if math.isnan(row.rate) else f"weighted {rate(row.rate, result)}"
    return f"{rate(plain, result)}, {weighted}"


def limits(row: Any, result: FileResult) -> str:
    """Write an interval, the lower limit rounded down and the upper rounded up, never against the verdict."""
    printed = printed_limits(row.lower, row.upper, result.target, row.verdict)
    return f"{printed.lower} % to {f'below {result.goal}' if printed.below_target else f'{printed.upper} %'}"


def sentence(row: Any, result: FileResult) -> str:
    """Say in one or two sentences what the answers of a row allow to conclude."""
    if not row.answered:
        return "No answers yet."
    figures = f"{row.satisfied:,} of {row.answered:,} answers satisfied"
    of = " of the weighted rate" if hasattr(row, "unweighted_rate") else ""
    figures += f" ({rates(row, result)}; {100 * result.confidence:g} % interval{of} {limits(row, result)})"
    sure = " This is certain, whatever those who did not answer think." if row.certain else ""
    if row.verdict == "met":
        return f"Met. {figures}. Enough grounds to conclude that at least {result.goal} are satisfied.{sure}"
    if row.verdict == "not_met":
        return f"Not met. {figures}. Enough grounds to conclude that fewer than {result.goal} are satisfied.{sure}"
    return (
        f"Not enough grounds to conclude. {figures}; this interval still contains {result.goal}.{_needed(row, result)}"
    )


def _needed(row: Any, result: FileResult) -> str:
    best, steady = row.needed_if_all_satisfied, row.needed_if_rate_holds
    parts = [] if pd.isna(best) else [f"at least {best:,} more answers if all are satisfied"]
    parts += [] if pd.isna(steady) else [f"about {steady:,} if the rate holds"]
    least = responses_needed(0, 0, result.target, result.confidence).if_all_satisfied
    # Of a known number of cases fewer answers can be enough, and so many need not be there.
    too_few = not result.population and row.answered < (least or 0)
    start = f" So few answers can never prove “met”: it takes at least {least:,}." if too_few else ""
    return f"{start} Still needed: {', '.join(parts)}." if parts else start


def silence(row: Any, result: FileResult) -> str:
    """Say what those who did not answer could change."""
    cases = int(getattr(row, str(result.population)))
    lower, upper = percent(row.possible_lower, math.floor), percent(row.possible_upper, math.ceil)
    text = f"{row.answered:,} of {cases:,} cases were rated ({percent(row.response_rate)})."
    text += f" Counting the silent ones too, the true rate lies between {lower} and {upper}."
    if 0 < row.break_even <= 1:
        share = percent(row.break_even, math.ceil)
        text += f" To reach {result.goal}, at least {share} of the silent would have to be satisfied."
    return text


def all_cases(row: Any, result: FileResult) -> str:
    """Say what is known of all cases once a sample of the silent was called."""
    printed = printed_limits(row.all_lower, row.all_upper, result.target, row.all_verdict)
    upper = f"below {result.goal}" if printed.below_target else f"{printed.upper} %"
    missed = f", {row.unreached:,} could not be reached" if row.unreached else ""
    share = f"; {percent(row.all_rate_if_alike)} if they think like those reached" if row.unreached else ""
    if not row.unreached and not math.isnan(row.all_rate):
        share = f"; estimate {rate(row.all_rate, result)}"
    return (
        f"After call-back: {row.called_satisfied:,} of {row.called:,} called were satisfied{missed}. Of all cases"
        f" {printed.lower} % to {upper} are ({100 * result.confidence:g} % limits{share}): {VERDICTS[row.all_verdict]}."
    )


def as_text(result: FileResult) -> str:
    """Return the readable form: a table when there are groups, then the verdicts in words."""
    rows = list(result.groups.itertuples(index=False)) if result.by else []
    whole: Any = next(iter(result.total.itertuples(index=False)))
    names = [label(group) for group in zip(*(result.groups[column] for column in result.by), strict=True)]
    lines = _table(result, rows, whole) if result.by else []
    lines += [*([""] if lines else []), f"In all: {sentence(whole, result)}"]
    if result.population:
        lines += [silence(whole, result), *_uncovered(whole)]
    called = "all_verdict" in result.total
    if called:
        lines.append(all_cases(whole, result))
    if result.by and any(row.suppress for row in rows):
        lines.append("* too few answers to publish: for internal use.")
    if whole.answered < LEAST_ANSWERS:
        lines.append(f"Few answers (under {LEAST_ANSWERS}): for internal use, not for publication.")
    for name, row in list(zip(names, rows, strict=True))[: MOST_SENTENCES if len(rows) <= MOST_SENTENCES else 0]:
        lines.append(f"{name}: {sentence(row, result)}{f' {all_cases(row, result)}' if called else ''}")
    if len(rows) > 1:
        wrong = len(rows) * tail(result.confidence)
        lines.append(
            f"Of {len(rows):,} groups, at most about {math.ceil(wrong):,} may be called “not met” by chance alone."
        )
    return "\n".join(lines) + "\n"


def _uncovered(whole: Any) -> list[str]:
    covered = getattr(whole, "covered_share", None)
    if covered is None:
        return []
    if covered == 1:
        return ["The rate in all weighs each group by its cases."]
    return [f"No rate in all: {percent(1 - covered, math.ceil)} of the cases lie in groups without answers."]


def label(group: Sequence[str]) -> str:
    """Return a group's name for a terminal: printable letters only, never empty.

    >>> label(["Hà Nội", ""])
    'Hà Nội · (blank)'
    """
    return " · ".join("".join(sign if sign.isprintable() else "?" for sign in part) or "(blank)" for part in group)


def _table(result: FileResult, rows: Sequence[Any], whole: Any) -> list[str]:
    head = [*map(str, result.by), "answered", "satisfied", "rate", f"{100 * result.confidence:g} % interval", "verdict"]
    if result.population:
        head.append("response rate")
    keys = list(zip(*(result.groups[column] for column in result.by), strict=True))
    body = [[*(label([part]) for part in key), *_cells(row, result)] for key, row in zip(keys, rows, strict=True)]
    last = ["in all", *[""] * (len(result.by) - 1), *_cells(whole, result)]
    widths = [max(map(_width, column)) for column in zip(label_row(head), *body, last, strict=True)]
    texts = [label_row(head), *body, last]
    lines = [_line(row, widths, range(len(result.by), len(result.by) + 4)) for row in texts]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _line(row: Sequence[str], widths: Sequence[int], numbers: range) -> str:
    cells = zip(row, widths, strict=True)
    return "  ".join(_pad(text, width, place in numbers) for place, (text, width) in enumerate(cells)).rstrip()


def label_row(head: Sequence[str]) -> list[str]:
    """Return the table's head with printable names."""
    return [label([text]) for text in head]


def _cells(row: Any, result: FileResult) -> list[str]:
    certain = " (certain)" if row.certain else ""
    mark = " *" if row.suppress else ""
    cells = [f"{row.answered:,}", f"{row.satisfied:,}", rates(row, result)]
    cells += [limits(row, result), VERDICTS[row.verdict] + certain + mark]
    return [*cells, percent(row.response_rate)] if result.population else cells


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _pad(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def as_json(result: FileResult) -> str:
    """Return everything as one JSON object; a figure that does not exist is null."""
    groups, total = ([_json_values(row) for row in frame.to_dict("records")] for frame in (result.groups, result.total))
    given = {"target": str(result.target), "confidence": result.confidence, "by": list(result.by)}
    return json.dumps(given | {"groups": groups, "total": total[0]}, ensure_ascii=False, indent=1) + "\n"


def _json_values(row: dict[Any, Any]) -> dict[str, Any]:
    plain = {str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()}
    return {key: None if value is pd.NA or value != value else value for key, value in plain.items()}


def as_csv(result: FileResult) -> str:
    """Return the groups (or the whole, without groups) as CSV, without a total to be counted twice.

    It begins with the mark by which spreadsheets know UTF-8, and no text in it is taken for a formula.
    """
    frame = result.groups if result.by else result.total
    frame = frame.rename(columns={column: inert(column) for column in result.by})
    for column in map(inert, result.by):
        frame[column] = frame[column].map(inert)
    return "\ufeff" + frame.to_csv(index=False, lineterminator="\n")
