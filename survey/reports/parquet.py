"""The figures of closed months as Parquet, for whoever adds up provinces: what everybody may be told, nothing more.

One file for each month and basis, in folders that name the province and the month, as engines for large tables expect
them. A row is complete in itself: the province's total, or one unit, by channel. `survey.reports.lake` reads them back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.models import Channel, ClosedPeriod
from survey.organisation.agencies import root
from survey.periods import Basis, Period, parse
from survey.results.closing import digest_on_record
from survey.results.figures import Figures, figures
from survey.results.live_counts import LEVELS
from survey.results.open_cohort import COHORT_SHOWN
from survey.results.rows import FiguresRow
from survey.results.scope import Reader, Standard, scope_for

EDITION = "1"  # of the columns and what they mean; it stands in every file
COUNTED = ("answered", "satisfied", *LEVELS, "no_opinion", *COHORT_SHOWN)
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("province", "period", "basis")),
        *((name, pa.date32()) for name in ("first_day", "last_day")),
        ("snapshot", pa.string()),
        ("demo", pa.bool_()),
        *((name, pa.string()) for name in ("channel", "line", "code", "name", "name_en", "withheld")),
        *((name, pa.int64()) for name in COUNTED),
    ],
    {"edition": EDITION},
)


def closed_months(session: Session, basis: Basis) -> list[Period]:
    """Return the months that are closed, the oldest first."""
    query = sa.select(ClosedPeriod).where(ClosedPeriod.basis == str(basis)).order_by(ClosedPeriod.first)
    return [parse(one.code, one.basis) for one in session.scalars(query) if len(one.code) == len("2026-10")]


def month_table(session: Session, period: Period, standard: Standard, today: dt.date) -> pa.Table:
    """Return the figures of a closed month as everybody may see them; a count that may not be told is null."""
    scope = scope_for(session, period, root(session, period.last).id, reader=Reader.PUBLIC)
    shown = figures(session, scope, standard, today)
    closing = scope.closing
    about = {
        "province": shown.agency.code,
        "period": period.code,
        "basis": str(period.basis),
        "first_day": period.first,
        "last_day": period.last,
        "snapshot": digest_on_record(session, closing) if closing is not None else None,
        "demo": shown.demo,
    }
    return pa.Table.from_pylist([about | row for row in _rows(shown)], schema=SCHEMA)


def write_month(table: pa.Table, folder: Path) -> Path:
    """Write a month below a folder, whole or not at all, in the place of what was there, and return the file.

    Raises:
        OSError: it cannot be written.
    """
    first = table.slice(0, 1).to_pylist()[0]
    path = folder / f"province={first['province']}" / f"month={first['period']}" / f"{first['basis']}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        pyarrow.parquet.write_table(table, part, compression="zstd")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _rows(shown: Figures) -> Iterator[dict[str, Any]]:
    for channel, part in shown.channels.items():
        yield _row(channel, "total", part.total)
        for row in part.rows:
            if channel == Channel.INVITATION or row.answered:
                yield _row(channel, "pooled" if row.pooled else "unit", row)


def _row(channel: Channel, line: str, row: FiguresRow) -> dict[str, Any]:
    counted = {name: getattr(row, name, None) for name in COUNTED}
    names = {"code": row.code, "name": row.name.get("vi", ""), "name_en": row.name.get("en", "")}
    return {"channel": channel.name.lower(), "line": line, **names, "withheld": row.withheld, **counted}
