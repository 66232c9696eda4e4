"""The figures a chart is given, checked once: rows of rates with their intervals and numbers of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.charts.appearance import Words
from analysis.validation import finite, shares, whole


@dataclass(frozen=True)
class Row:
    """One named rate with its interval; the rate is None where nobody answered."""

    name: str
    answered: int
    rate: float | None
    lower: float
    upper: float
    extra: Mapping[str, Any]

    def said(self, words: Words) -> str:
        """Say the row in words."""
        return words.said(self.name, self.rate, self.lower, self.upper, self.answered)


def table(figures: Any, *extra: str) -> list[Row]:
    """Return rows from a DataFrame or from mappings with name, answered, rate, lower, upper and the `extra` columns.

    Raises:
        ValueError: a column is missing, answers are no counts, or a rate or limit is no share.

    >>> table([{"name": "A", "answered": 0, "rate": None, "lower": 0, "upper": 1}])[0].rate is None
    True
    """
    frame = pd.DataFrame(figures)
    missing = [column for column in ("name", "answered", "rate", "lower", "upper", *extra) if column not in frame]
    if missing and len(frame):
        raise ValueError(f"the figures lack the columns {', '.join(missing)}")
    if not len(frame):
        return []
    answered = whole(frame["answered"].to_numpy(), "answered")
    some = answered > 0
    rate = np.full(len(frame), np.nan)
    rate[some] = shares(frame["rate"].to_numpy()[some].astype(float), "rate")
    lower = np.where(some, frame["lower"].to_numpy(dtype=float, na_value=0.0), 0.0)
    upper = np.where(some, frame["upper"].to_numpy(dtype=float, na_value=1.0), 1.0)
    shares(lower, "lower"), shares(upper, "upper"), finite(rate[some], "rate")
    kept = frame[list(extra)].to_dict("records") if extra else [{}] * len(frame)
    return [
        Row(str(name), int(n), float(p) if n else None, float(lo), float(hi), {str(k): v for k, v in more.items()})
        for name, n, p, lo, hi, more in zip(frame["name"], answered, rate, lower, upper, kept, strict=True)
    ]
