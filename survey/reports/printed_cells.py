"""The shares of a row as a spreadsheet's cells: rounded as the printed tables and pictures print them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from analysis.printed import Rounding, half_up, printed_limits, printed_rate, printed_share

SHARES = ("rate", "lower", "upper")
ROUNDINGS: dict[str, Rounding] = {
    "response_rate": half_up,
    "possible_lower": math.floor,
    "possible_upper": math.ceil,
    "break_even": math.ceil,
}


class BelowTarget(float):
    """An upper limit that is printed as the target it misses: its cell shows <90.0%."""


def printed_cells(row: Mapping[str, object], target: str) -> dict[str, float]:
    """Return the shares that a row has, by name, rounded as they are printed.

    The counts beside them give every digit; .csv and .json have the shares in full. `row` has rate, lower and upper,
    and may have a verdict (met, not_met, inconclusive) that no limit may contradict.
    """
    shares = {name: cast("float", row[name]) for name in (*SHARES, *ROUNDINGS) if row.get(name) is not None}
    limits = printed_limits(shares["lower"], shares["upper"], target, cast("str | None", row.get("verdict")))
    upper = float(limits.upper / 100)
    cells = {"lower": float(limits.lower / 100), "upper": BelowTarget(upper) if limits.below_target else upper}
    if "rate" in shares:
        cells["rate"] = float(printed_rate(shares["rate"], target) / 100)
    others = {name: share for name, share in shares.items() if name in ROUNDINGS}
    return cells | {name: float(printed_share(share, ROUNDINGS[name]) / 100) for name, share in others.items()}
