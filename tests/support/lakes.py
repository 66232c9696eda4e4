"""Exports of provinces as the product writes them, of counts that a test chooses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from survey.periods import parse
from survey.reports import parquet

VINH_LONG = {"H61": "Vĩnh Long", "H59": "Trà Vinh", "H07": "Bến Tre"}


def month_file(
    lake: Path,
    code: str,
    period: str,
    levels: tuple[int, int, int, int, int] | None,
    finished: int = 0,
    *,
    basis: str = "calendar",
    withheld: str = "",
    answered: int = 0,
    name: str = "",
    **other: Any,
) -> Path:
    """Write the file of one closed month; without levels what people said is withheld, of so many `answered`."""
    month, said = parse(period, basis), levels or (0,) * 5
    counts: dict[str, Any] = {f"level_{place}": count for place, count in enumerate(said, 1)}
    counts |= {"answered": sum(said), "satisfied": sum(said[3:]), "no_opinion": 0}
    if levels is None:
        counts = dict.fromkeys(counts) | {"answered": answered}
        withheld = withheld or "few"
    cases = finished or counts["answered"] * 4
    counts |= {"finished": cases, "invited": cases, "rated": counts["answered"], "withdrawn": 0, "withdrawn_rated": 0}
    called = name or VINH_LONG.get(code, code)
    about: Mapping[str, Any] = {
        "province": code,
        "period": period,
        "basis": basis,
        "first_day": month.first,
        "last_day": month.last,
        "snapshot": f"of {code} {period}",
        "demo": False,
        "code": code,
        "name": f"Ủy ban nhân dân tỉnh {called}",
        "name_en": f"{called} Province",
        "withheld": withheld,
    }
    judged = {**about, "channel": "invitation", "line": "total", **counts, **other}
    beside = {**about, "channel": "open", "line": "total", **counts, "finished": None, "invited": None, "rated": None}
    unit = {**judged, "line": "unit", "code": f"{code}.50"}
    return parquet.write_month(pa.Table.from_pylist([judged, beside, unit], schema=parquet.SCHEMA), lake)
