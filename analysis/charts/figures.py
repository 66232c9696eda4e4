"""The figures a chart is given, checked once: rows of rates with their intervals and numbers of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from analysis.charts.appearance import Words
from analysis.printed import printed_limits, printed_rate
from analysis.validation import Target, exact_target, finite, shares, whole


@dataclass(frozen=True)
class ChartRow:
    """One named rate with its interval, beside the target; None where nobody answered or it is not to be shown.

    `hidden` are the words that stand in the place of a rate that is not to be shown, where they are not those for few.
    """

    name: str
    answered: float
    rate: float | None
    lower: float
    upper: float
    target: Fraction
    verdict: str | None = None
    hidden: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def percent(self, words: Words) -> str:
        """Write the rate; the words for no or few answers where there is none."""
        if self.rate is None:
            return (self.hidden or words.few) if self.answered else words.no_answers
        return words.percentage(printed_rate(self.rate, self.target))

    def figure(self, words: Words, between: str) -> str:
        """Write the rate and, after `between`, the number of answers."""
        return self.percent(words) + (f"{between}{words.n(self.answered)}" if self.answered else "")

    def sentence(self, words: Words) -> str:
        """Write the row in words, for tooltips and text alternatives, as tables and sentences print it."""
        if self.rate is None:
            return f"{self.name}: {self.figure(words, ', ')}"
        limits = words.limits(printed_limits(self.lower, self.upper, self.target, self.verdict))
        return f"{self.name}: {self.percent(words)} ({limits}; {words.n(self.answered)})"


def table(figures: Any, target: Target, *extra: str) -> list[ChartRow]:
    """Return rows from a DataFrame or from mappings with name, answered, rate, lower, upper and the `extra` columns.

    The rate of a row with answers may be missing: it is not to be shown, nor are its limits.
    A column `verdict` is taken where there is one, so that no limit is printed against it, and so is `hidden`.

    Raises:
        ValueError: a column is missing, answers are no counts, a rate or limit is no share, or the target is none.

    >>> table([{"name": "A", "answered": 0, "rate": None, "lower": 0, "upper": 1}], "0.90")[0].rate is None
    True
    """
    frame = pd.DataFrame(figures)
    missing = [column for column in ("name", "answered", "rate", "lower", "upper", *extra) if column not in frame]
    if missing and len(frame):
        raise ValueError(f"the figures lack the columns {', '.join(missing)}")
    if not len(frame):
        return []
    answered = whole(frame["answered"].to_numpy(), "answered")
    some = (answered > 0) & frame["rate"].notna().to_numpy()
    rate = np.full(len(frame), np.nan)
    rate[some] = shares(frame["rate"].to_numpy()[some].astype(float), "rate")
    lower = np.where(some, frame["lower"].to_numpy(dtype=float, na_value=0.0), 0.0)
    upper = np.where(some, frame["upper"].to_numpy(dtype=float, na_value=1.0), 1.0)
    shares(lower, "lower"), shares(upper, "upper"), finite(rate[some], "rate")
    kept: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in frame[list(extra)].to_dict("records")]
    goal = exact_target(target)
    verdicts = frame["verdict"] if "verdict" in frame else [None] * len(frame)
    hidden = frame["hidden"] if "hidden" in frame else [""] * len(frame)
    columns = zip(frame["name"], answered, rate, lower, upper, verdicts, hidden, kept, strict=True)
    return [
        ChartRow(str(name), int(n), None if np.isnan(p) else float(p), float(lo), float(hi), goal, *given)
        for name, n, p, lo, hi, *given in columns
    ]
