"""The figures of a closed period as everybody may read them: one document, frozen when it is published, and read back.

It is what the open data are, word for word, and all that public pages show: none of them counts answers. Only rows that
are firm enough to be published tell what people said; of the others it says how many answered.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

from sqlalchemy.orm import Session

from analysis import Verdict
from analysis.publication import LEAST_ANSWERS
from survey.models import ClosedPeriod, Texts
from survey.organisation.agencies import root
from survey.organisation.targets import DatedTarget
from survey.periods import Period, local_day, parse
from survey.results.closing import EVERY, digest_on_record
from survey.results.figures import Figures, figures
from survey.results.rows import JudgedRow
from survey.results.scope import Reader, Scope, Standard, scope_for


class PublishedTarget(TypedDict):
    """A target by which a published period is judged."""

    share: str
    title: Texts
    source: Texts


class PublishedSecondTarget(PublishedTarget):
    """The target that stands beside the headline, with the verdict by it."""

    verdict: str | None
    certain: str | None


class PublishedAgency(TypedDict):
    """Whose figures they are."""

    code: str
    name: Texts


class PublishedDays(TypedDict):
    """Of which days they are, and when they were frozen: days and moments as ISO 8601 writes them."""

    code: str
    basis: str
    first_day: str
    last_day: str
    closed_at: str


class PublishedAnswers(TypedDict):
    """What people said and what follows from it; all of it is None of a row that is not firm enough."""

    satisfied: int | None
    level_1: int | None
    level_2: int | None
    level_3: int | None
    level_4: int | None
    level_5: int | None
    no_opinion: int | None
    rate: float | None
    lower: float | None
    upper: float | None
    mean: float | None
    verdict: str | None
    certain: str | None


class PublishedCohort(TypedDict):
    """How many could have answered; None where it is not told."""

    finished: int | None
    invited: int | None
    rated: int | None
    response_rate: float | None
    withdrawn: int | None
    withdrawn_rated: int | None


class PublishedRow(PublishedAnswers, PublishedCohort):
    """The row of the province or of a unit; `named` says whether its name stands beside those that are certain."""

    code: str
    name: Texts
    answered: int
    withheld: str
    named: bool


class PublishedCallBack(TypedDict):
    """What a finished call-back of the province says; None where it is not told, and `withheld` says why."""

    cases: int
    answered: int
    satisfied: int | None
    silent_called: int
    silent_unreached: int
    silent_satisfied: int | None
    fewest: int
    withheld: str
    rate: float | None
    lower: float | None
    upper: float | None
    if_alike: float | None
    verdict: str | None
    silent_rate: float | None
    silent_lower: float | None
    silent_upper: float | None
    answered_called: int
    answered_unreached: int
    not_own: int | None
    not_own_lower: float | None
    not_own_upper: float | None
    verdict_can_turn: bool | None
    finished_at: str


class PublishedDocument(TypedDict):
    """All that is published of a period; what an edition added is missing in older ones."""

    edition: int
    demo: bool
    agency: PublishedAgency
    period: PublishedDays
    target: str
    target_source: PublishedTarget | None
    second_target: PublishedSecondTarget | None
    confidence: float
    channel: str
    closing_digest: str
    total: PublishedRow
    units: list[PublishedRow]
    call_back: NotRequired[PublishedCallBack | None]  # from edition 2 on; None where none was finished by then


ANSWER_KEYS = tuple(PublishedAnswers.__annotations__)
COHORT_KEYS = tuple(PublishedCohort.__annotations__)
CALL_BACK_KEYS = tuple(PublishedCallBack.__annotations__)
EDITION = 2  # of the shape of the document


@dataclass(frozen=True, eq=False)
class PublishedFigures:
    """What was published of a period: the province's row, those of its units, and what they are held against.

    `second` is the province's row held against the target that stands beside the headline; None where there is none.
    `called` is what a call-back says that was finished by then; None without one, and in documents of edition 1.
    `digest` is that of all that was frozen at the closing; empty of a period that was closed before there was one.
    """

    period: Period
    closed_at: dt.datetime
    demo: bool
    standard: Standard
    total: JudgedRow
    second: JudgedRow | None
    rows: tuple[JudgedRow, ...]
    called: PublishedCallBack | None
    digest: str

    def row_of(self, code: str) -> JudgedRow | None:
        """Return the row of a unit; None if it has none."""
        return next((row for row in self.rows if row.code == code), None)


def public_figures(session: Session, closing: ClosedPeriod, standard: Standard) -> Figures:
    """Return the figures of a closed period of the province by unit, as everybody may see them."""
    return figures(session, public_scope(session, closing), standard, local_day(closing.closed_at))


def public_scope(session: Session, closing: ClosedPeriod) -> Scope:
    """Return the province in a closed period, as everybody looks at it."""
    then = {row["id"] for row in closing.agencies}
    top = root(session).id
    province = top if top in then else root(session, EVERY).id
    return scope_for(session, parse(closing.code, closing.basis), province, reader=Reader.PUBLIC)


def document(
    session: Session, closing: ClosedPeriod, shown: Figures, called: PublishedCallBack | None = None
) -> PublishedDocument:
    """Return what is published of figures, as plain values that can be kept as JSON; `called` stands beside them."""
    period, held = shown.period, shown.standard
    second = None
    if shown.second is not None and held.beside is not None:
        judged = _plain(shown.second)
        words = {"verdict": judged["verdict"], "certain": judged["certain"]}
        second = cast("PublishedSecondTarget", {**held.beside.kept(), **words})
    return {
        "edition": EDITION,
        "demo": shown.demo,
        "agency": {"code": shown.agency.code, "name": shown.agency.name},
        "period": {
            "code": period.code,
            "basis": str(period.basis),
            "first_day": period.first.isoformat(),
            "last_day": period.last.isoformat(),
            "closed_at": closing.closed_at.astimezone(dt.UTC).isoformat(),
        },
        "target": held.target,
        "target_source": None if held.headline is None else cast("PublishedTarget", held.headline.kept()),
        "second_target": second,
        "confidence": held.confidence,
        "channel": "invitation",
        "closing_digest": digest_on_record(session, closing) or "",
        "total": _plain(shown.judged.total),
        "units": [_plain(row) for row in shown.judged.rows if not row.pooled],
        "call_back": called,
    }


def written(published: PublishedDocument) -> bytes:
    """Return the document as the one file that everybody gets: the same bytes for ever, on every database."""
    return (json.dumps(published, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def read(published: PublishedDocument) -> PublishedFigures:
    """Return the document as figures that pages can show."""
    about, beside = published["period"], published["second_target"]
    headline = published["target_source"]
    second_target = beside and DatedTarget(beside["share"], beside["title"], beside["source"])
    standard = Standard(
        published["target"],
        published["confidence"],
        LEAST_ANSWERS,
        headline=headline and DatedTarget(**headline),
        beside=second_target,
    )
    total = _row(published["total"], 0)
    held = {name: beside[name] for name in ("verdict", "certain")} if beside else {}
    return PublishedFigures(
        parse(about["code"], about["basis"]),
        dt.datetime.fromisoformat(about["closed_at"]),
        published["demo"],
        standard,
        total,
        _row({**published["total"], **held}, 0) if beside and total.shown else None,
        tuple(_row(row, place) for place, row in enumerate(published["units"], 1)),
        published.get("call_back"),
        published["closing_digest"],
    )


def _plain(row: JudgedRow) -> PublishedRow:
    """Return a row as it is published: of one that is not firm, that it is withheld and how many answered."""
    name: Texts = row.name
    firm = row.shown and not row.suppress
    why = "" if firm or not row.answered else row.withheld or "few"
    values: dict[str, Any] = {"code": row.code, "name": name, "answered": row.answered, "withheld": why}
    answers = {name: getattr(row, name) if firm else None for name in ANSWER_KEYS}
    answers["verdict"] = str(row.verdict) if firm else None
    every = values | answers | {name: getattr(row, name) for name in COHORT_KEYS} | {"named": firm and row.named}
    return cast("PublishedRow", every)


def _row(values: Mapping[str, Any], place: int) -> JudgedRow:
    """Return a row with what was published of it; what was not is None, and the limits say nothing then."""
    every: dict[str, Any] = {one.name: values.get(one.name) for one in dataclasses.fields(JudgedRow)}
    every |= {"id": place, "pooled": "", "flag_complement": False, "review": False, "suppress": False}
    if every["lower"] is None:
        every |= {"lower": 0.0, "upper": 1.0}
    every["verdict"] = Verdict(every["verdict"] or "inconclusive")
    every["certain"] = every["certain"] or ""
    return JudgedRow(**every)
