"""The .json: everything a program needs, with stable English keys, shares as numbers and null for what is not there."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from survey.i18n import gettext
from survey.models import Channel
from survey.organisation.targets import DatedTarget
from survey.reports.report import Report
from survey.results.choices import ChoiceQuestion, OptionShare
from survey.results.exclusions import ExclusionLine
from survey.results.figures import Figures
from survey.results.importance import Importance
from survey.results.invitation_coverage import UnitCoverage
from survey.results.second_target import second_sentence
from survey.results.verdict_text import definition, headline
from survey.version import version

VERSION = 1
Json: TypeAlias = "dict[str, object]"


def write_json(report: Report, path: Path) -> None:
    """Write the report as one document."""
    path.write_text(json.dumps(document(report), ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def document(report: Report) -> Json:
    """Return the report as a JSON document."""
    figures, movement = report.units, report.overview.trend
    period = figures.period
    return {
        "format": "hailong-report",
        "version": VERSION,
        "made_by": f"hailong {version()}",
        "demo": figures.demo,
        "language": report.language,
        "as_of": figures.today,
        "agency": {"code": figures.agency.code, "name": figures.agency.name},
        "period": {
            "code": period.code,
            "basis": str(period.basis),
            "first": period.first,
            "last": period.last,
            "time_zone": "Asia/Ho_Chi_Minh",
            "provisional": figures.provisional,
            "closed": figures.closed,
            "altered": figures.altered,
        },
        "target": figures.target,
        "target_source": _source(figures.standard.headline),
        "second_target": _second(figures),
        "confidence": figures.confidence,
        "definition": definition(),
        "sentence": headline(figures),
        "channels": {channel.name.lower(): _channel(report, channel) for channel in figures.channels},
        "weighted_by_finished_cases": {"units": _weighted(figures), "procedures": _weighted(report.procedures)},
        "factors": [_fields(row) for row in report.overview.factors],
        "reasons": _reasons(report.overview.reasons),
        "importance": _importance(report.overview.importance),
        "comments": report.comments.of(),
        "tasks": report.tasks.counts,
        "letters_of_apology": None if report.letters is None else report.letters.of().numbers,
        "asked": {"units": [_line(line) for line in report.asked.lines], "total": _line(report.asked.total)},
        "trend": [_fields(row) for row in movement.rows],
        "exclusions": {
            "channels": {
                one.channel.name.lower(): report.exclusions.printable(one) for one in report.exclusions.channels
            },
            "proposals": [_proposal(line) for line in report.exclusions.lines],
        },
        "change": None if movement.change is None else asdict(movement.change),
    }


def _channel(report: Report, channel: Channel) -> Json:
    units, procedures = report.units.channels[channel], report.procedures.channels[channel]
    return {
        "judged": channel == Channel.INVITATION,
        "total": _fields(units.total, "id", "code", "name") | report.comments.of(channel),
        "units": [_fields(row, "id") | report.comments.of(channel, row.id) for row in units.rows],
        "procedures": [_fields(row, "id") for row in procedures.rows],
    }


def _fields(row: object, *without: str) -> Json:
    """Return a row's fields but some, and no limits where what was said is withheld."""
    values = {name: value for name, value in vars(row).items() if name not in without}
    return values | ({"lower": None, "upper": None} if values.get("withheld") else {})


def _line(line: UnitCoverage) -> Json:
    return {**_fields(line, "agency_id"), "flags": [gettext(message, **values) for message, values in line.flags]}


def _proposal(line: ExclusionLine) -> Json:
    fields = _fields(line, "proposer_id", "proposer", "decider")
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
    return {**beside.kept(), "verdict": row.verdict, "certain": row.certain, "sentence": second_sentence(figures)}


def _reasons(question: ChoiceQuestion | None) -> Json | None:
    """Return what people were not satisfied with; null where too few said so, or chose an answer."""
    if question is None:
        return None
    every = question.choices if question.shown else ()
    return {"answered": question.answered, "choices": [_choice(choice) for choice in every]}


def _choice(choice: OptionShare) -> Json:
    return {"value": choice.value, "people": None} if choice.people is None else _fields(choice)


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
