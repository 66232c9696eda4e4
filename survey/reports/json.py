"""The .json: everything a program needs, with stable English keys, shares as numbers and null for what is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from survey.reports.records import PARTS
from survey.reports.report import Report
from survey.reports.texts import definition
from survey.results.figures import Figures, plain, rows
from survey.results.importance import Importance
from survey.results.invitation_coverage import Line
from survey.results.verdict_text import headline
from survey.version import version

VERSION = 1


def write_json(report: Report, path: Path) -> None:
    """Write the report as one document."""
    path.write_text(json.dumps(document(report), ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def document(report: Report) -> dict[str, Any]:
    """Return the report as a JSON document."""
    found, movement = report.units, report.trend
    period = found.period
    return {
        "format": "hailong-report",
        "version": VERSION,
        "made_by": f"hailong {version()}",
        "demo": found.demo,
        "language": report.language,
        "as_of": found.today,
        "agency": {"code": found.agency.code, "name": found.agency.name},
        "period": {
            "code": period.code, "basis": str(period.basis), "first": period.first, "last": period.last,
            "time_zone": "Asia/Ho_Chi_Minh", "provisional": found.provisional,
            "closed": found.closed,
        },
        "target": found.target,
        "confidence": found.confidence,
        "definition": definition(),
        "sentence": headline(found),
        "channels": {
            str(channel.name).lower(): {
                "judged": part == "judged",
                "total": found.total[part],
                "units": _rows(found, part),
                "procedures": _rows(report.procedures, part),
            }
            for part, channel in PARTS.items()
        },
        "weighted_by_finished_cases": {
            "units": _weighted(found), "procedures": _weighted(report.procedures),
        },
        "factors": rows(report.factors),
        "importance": _importance(report.importance),
        "asked": {"units": [_line(line) for line in report.asked.lines], "total": _line(report.asked.total)},
        "trend": rows(movement.rows),
        "change": None if movement.change is None else movement.change._asdict(),
    }  # fmt: skip


def _rows(found: Figures, part: str) -> list[dict[str, Any]]:
    return rows(getattr(found, part).drop(columns=["id", "group"]))


def _line(line: Line) -> dict[str, Any]:
    said = [message % values for message, values in line.flags]
    return {name: value for name, value in vars(line).items() if name != "agency_id"} | {"flags": said}


def _weighted(found: Figures) -> dict[str, Any] | None:
    if found.weighted is None:
        return None
    return {name: plain(getattr(found.weighted, name)) for name in ("rate", "lower", "upper", "n_eff")} | {
        "covered_share": found.covered
    }


def _importance(weighed: Importance) -> dict[str, Any]:
    shares = None if weighed.rows is None else rows(weighed.rows[["question", "importance"]])
    return {"shares_of_explained_variance": shares, "complete_answers": weighed.complete,
            "answers_needed": weighed.needed, "r_squared": weighed.explained,
            "days_read": weighed.days, "days": weighed.span}  # fmt: skip
