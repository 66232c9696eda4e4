"""The .json: everything a program needs, under stable English keys; its shape is published (`schema_document`)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

from survey.models import Channel
from survey.organisation.targets import DatedTarget
from survey.reports.call_back_data import call_back_data
from survey.reports.records import row_values
from survey.reports.report import Report
from survey.reports.schema import json_schema
from survey.reports.schema_document import ReportData
from survey.results import coverage_flags
from survey.results.choices import ChoiceQuestion, OptionShare
from survey.results.exclusions import ExclusionLine
from survey.results.figures import Figures
from survey.results.importance import Importance
from survey.results.invitation_coverage import UnitCoverage
from survey.results.rows import FiguresRow
from survey.results.second_target import second_sentence
from survey.results.trends import TrendRow
from survey.results.verdict_text import definition, headline
from survey.version import version

Json: TypeAlias = "dict[str, Any]"


def write_json(report: Report, path: Path) -> None:
    """Write the report as one document."""
    path.write_bytes(written(report))


def written(report: Report) -> bytes:
    """Return the report as one document in JSON, as files and the API give it."""
    return _bytes(document(report).model_dump(mode="json", by_alias=True))


def schema() -> bytes:
    """Return the JSON Schema to which every report keeps."""
    return _bytes(json_schema(ReportData))


def _bytes(value: Json) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def document(report: Report) -> ReportData:
    """Return the report as the document that is written."""
    figures, movement = report.units, report.overview.trend
    period, closing = figures.period, figures.scope.closing
    return ReportData.model_validate(
        {
            "made_by": f"hailong {version()}",
            "demo": figures.demo,
            "language": report.language,
            "as_of": figures.today,
            "agency": {"code": figures.agency.code, "name": figures.agency.name},
            "period": {
                "code": period.code,
                "basis": str(period.basis),
                "first_day": period.first,
                "last_day": period.last,
                "time_zone": "Asia/Ho_Chi_Minh",
                "provisional": figures.provisional,
                "closed": figures.closed,
                "closed_at": None if closing is None else closing.closed_at,
                "altered": figures.altered,
            },
            "target": float(figures.target),
            "target_source": _source(figures.standard.headline),
            "second_target": _second(figures),
            "confidence": figures.confidence,
            "definition": definition(),
            "sentence": headline(figures),
            "channels": {channel.name.lower(): _channel(report, channel) for channel in figures.channels},
            "weighted_by_finished_cases": {"units": _weighted(figures), "procedures": _weighted(report.procedures)},
            "factors": [row_values(row) for row in report.overview.factors],
            "reasons": _reasons(report.overview.reasons),
            "importance": _importance(report.overview.importance),
            "comments": report.comments.of(),
            "tasks": report.tasks.counts,
            "letters_of_apology": None if report.letters is None else report.letters.of().numbers,
            "asked": {"units": [_line(line) for line in report.asked.lines], "total": _line(report.asked.total)},
            "trend": [_trend(row) for row in movement.rows],
            "call_back": None if report.call_back is None else call_back_data(report.call_back),
            "exclusions": {
                "channels": {
                    one.channel.name.lower(): report.exclusions.printable(one) for one in report.exclusions.channels
                },
                "proposals": [_proposal(line) for line in report.exclusions.lines],
            },
            "change": None if movement.change is None else asdict(movement.change),
        }
    )


def _channel(report: Report, channel: Channel) -> Json:
    units, procedures = report.units.channels[channel], report.procedures.channels[channel]
    return {
        "judged": channel == Channel.INVITATION,
        "total": _row(units.total) | report.comments.of(channel),
        "units": [_row(row) | report.comments.of(channel, row.id) for row in units.rows],
        "procedures": [_row(row) for row in procedures.rows],
    }


def _row(row: FiguresRow) -> Json:
    """Return a row; a verdict in its own words."""
    values = row_values(row)
    return {name: str(value) if name == "verdict" else value for name, value in values.items()}


def _trend(row: TrendRow) -> Json:
    values = {name: value for name, value in vars(row).items() if name not in ("first", "last")}
    nothing = dict.fromkeys(("lower", "upper")) if row.withheld else {}
    return {**values, **nothing, "first_day": row.first, "last_day": row.last}


def _line(line: UnitCoverage) -> Json:
    values = {name: value for name, value in vars(line).items() if name != "agency_id"}
    return {**values, "flags": [{"code": coverage_flags.code(flag), "values": flag[1]} for flag in line.flags]}


def _proposal(line: ExclusionLine) -> Json:
    hidden = ("proposer_id", "proposer", "decider")
    fields = {name: value for name, value in vars(line).items() if name not in hidden}
    return {**fields, "kind": line.kind.name.lower(), "reason": line.reason.name.lower()}


def _weighted(figures: Figures) -> Json | None:
    if figures.weighted is None:
        return None
    share = asdict(figures.weighted)
    share.pop("rows")
    return {**share, "covered_share": figures.covered}


def _source(target: DatedTarget | None) -> Json | None:
    """Return what a target is called and who has decided it; null where only the installation says so."""
    return None if target is None else {"title": target.title, "source": target.source}


def _second(figures: Figures) -> Json | None:
    """Return the target beside the headline with the verdict by it; null where there is none."""
    row, beside = figures.second, figures.standard.beside
    if row is None or beside is None:
        return None
    return {
        **beside.kept(),
        "share": float(beside.share),
        "verdict": row.verdict,
        "certain": row.certain,
        "sentence": second_sentence(figures),
    }


def _reasons(question: ChoiceQuestion | None) -> Json | None:
    """Return what people were not satisfied with; null where nobody asks."""
    if question is None:
        return None
    every = question.choices if question.shown else ()
    return {"answered": question.answered, "choices": [_choice(choice) for choice in every]}


def _choice(choice: OptionShare) -> Json:
    shares = {} if choice.people is not None else dict.fromkeys(("people", "rate", "lower", "upper"))
    return {**vars(choice), **shares}


def _importance(weighed: Importance) -> Json:
    rows = weighed.rows
    return {
        "shares_of_explained_variance": rows
        and [{"question": row.question, "importance": row.importance} for row in rows],
        "complete_answers": weighed.complete,
        "answers_needed": weighed.needed,
        "r_squared": weighed.explained,
        "days_read": weighed.days,
        "days": weighed.span,
    }
