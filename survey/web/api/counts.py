"""Counts and figures out: the same as on the dashboard and in the reports."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal, TypeVar, cast

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from survey import periods
from survey.accounts import api_keys
from survey.models import ClosedPeriod
from survey.organisation.code_formats import STRANGE_AGENCY_CODE
from survey.periods import local_day, now
from survey.reports.schema import BasisName
from survey.results.closing import digest_on_record
from survey.results.figures import ChannelFigures, Figures, figures
from survey.results.rows import FiguresRow
from survey.results.scope import reader_of, scope_asked
from survey.results.verdict_text import definition
from survey.web.api.operations import Asked, Query, Strict, operation
from survey.web.request import session, standard

AnyCounted = TypeVar("AnyCounted", bound="Counted")
PERIOD = "^(?:" + re.sub(r"\?P<\w+>", "?:", periods.NAMED.pattern) + ")$"


def _period(sent: object) -> object:
    """Refuse what is no period in words of its own: nobody reads the pattern."""
    if isinstance(sent, str) and not re.fullmatch(PERIOD, sent):
        raise PydanticCustomError("not_a_period", "not a period")
    return sent


PeriodCode = Annotated[str, Field(pattern=PERIOD), BeforeValidator(_period)]


class CountsQuery(Query):
    """Which figures."""

    period: PeriodCode
    basis: BasisName = Field("calendar", description="Calendar months, or from the 15th to the 14th.")
    agency: Annotated[str, Field(pattern=f"^{STRANGE_AGENCY_CODE.pattern}$")] | None = Field(
        None, description="Code of an agency in the key's subtree; without it, the key's own."
    )
    by: Literal["unit", "procedure"] = "unit"


ReferenceName = Literal["open", "kiosk", "paper", "telephone"]


class Counted(Strict):
    """Counts and what follows from them; a rate never comes without its answers."""

    answered: int
    withheld: Literal["", "few", "others", "open"] = Field(
        description="Why nothing but the number of answers is told: there are few, it would tell what few others "
        "said, or it is told when the period is closed. Empty: it is told."
    )
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
    internal_use_only: bool = Field(description="Too few answers to publish: some could be told apart.")


class Judged(Counted):
    """The same of answers by invitation, compared with the target."""

    verdict: Literal["met", "not_met", "inconclusive"]
    certain: Literal["", "met", "not_met"] = Field(description="The verdict whatever those who did not answer think.")
    finished: int
    invited: int
    rated: int
    rated_satisfied: int | None = Field(
        description="Of those rated. Null where some of these answers are of cases finished in another period, or some "
        "of these cases were rated in another one: what people said is not counted by their cases."
    )
    withdrawn: int = Field(description="Withdrawn by the portal; those rated before count on among the finished cases.")
    withdrawn_rated: int
    response_rate: float | None


class CountedLine(Counted):
    """Of one unit or procedure; without a code: of no one procedure, or of all that are withheld if it is pooled."""

    code: str
    name: dict[str, str]
    pooled: Literal["", "unit", "procedure"] = Field(description="This line is those that are withheld, together.")


class JudgedLine(Judged):
    """Of one unit or procedure; without a code: of no one procedure, or of all that are withheld if it is pooled."""

    code: str
    name: dict[str, str]
    pooled: Literal["", "unit", "procedure"] = Field(description="This line is those that are withheld, together.")


class Reference(Strict):
    """A channel that stands beside the judged one and is never added to it."""

    channel: ReferenceName
    total: Counted
    lines: list[CountedLine]


class Headline(Strict):
    """Answers by invitation, each bound to one finished case: the only ones that are judged."""

    channel: Literal["invitation"]
    total: Judged
    lines: list[JudgedLine]


class Snapshot(Strict):
    """What was frozen when the period was closed: as long as it is the same, so are the figures."""

    closed_at: dt.datetime
    digest: str | None = Field(
        description="SHA-256 of all that was frozen, as it went on record; null of one closed before there were any."
    )


class Span(Strict):
    """The period, with its exact first and last day in Viet Nam."""

    code: str
    basis: BasisName
    first_day: dt.date
    last_day: dt.date
    time_zone: Literal["Asia/Ho_Chi_Minh"]
    provisional: bool
    snapshot: Snapshot | None = Field(description="Null while the period is open: its figures still move.")
    altered: bool = Field(
        description="Closed, and its frozen counts are no longer those of the answers: do not use them."
    )


class AgencyReply(Strict):
    """Whose figures they are."""

    code: str
    name: dict[str, str]


class SecondTarget(Strict):
    """A target that stands beside the headline, with the verdict of the total by it."""

    share: float
    title: dict[str, str]
    source: dict[str, str] = Field(description="Who has decided it.")
    verdict: Literal["met", "not_met", "inconclusive"]
    certain: Literal["", "met", "not_met"] = Field(description="The verdict whatever those who did not answer think.")


class CountsReply(Strict):
    """Figures of one agency and period, each beside the counts that it came from."""

    agency: AgencyReply
    period: Span
    by: Literal["unit", "procedure"]
    as_of: dt.date
    demo: bool
    target: float
    second_target: SecondTarget | None = Field(description="Null where no target stands beside the headline.")
    confidence: float
    definition: str
    judged: Headline
    open: Reference
    kiosk: Reference
    paper: Reference
    telephone: Reference


@operation("/counts", "GET", CountsReply, query=CountsQuery, scope=api_keys.KeyScope.COUNTS_READ, errors=(404,))
def read_counts(asked: Asked) -> CountsReply:
    """Return counts and figures of a period, by unit or by procedure.

    They are those of the dashboard and the reports. Answers by open links, at kiosks, on paper and by telephone stand
    apart, without verdict.
    """
    period = periods.parse(asked.query.period, asked.query.basis)
    own = asked.holder.agency_id
    scope = scope_asked(session(), period, asked.query.agency, own, reader_of(session(), own))
    counted = figures(session(), scope, standard(), local_day(now()), asked.query.by)
    return CountsReply(
        agency=AgencyReply(code=counted.agency.code, name=counted.agency.name),
        period=_span(counted),
        by=asked.query.by,
        as_of=counted.today,
        demo=counted.demo,
        target=float(counted.target),
        second_target=_second(counted),
        confidence=counted.confidence,
        definition=definition(),
        judged=Headline(
            channel="invitation",
            total=_filled(Judged, counted.judged.total),
            lines=[_filled(JudgedLine, row) for row in counted.judged.rows],
        ),
        open=_reference("open", counted.open),
        kiosk=_reference("kiosk", counted.kiosk),
        paper=_reference("paper", counted.paper),
        telephone=_reference("telephone", counted.telephone),
    )


def _span(counted: Figures) -> Span:
    period, closing = counted.period, counted.scope.closing
    return Span(
        code=period.code,
        basis=cast(BasisName, str(period.basis)),
        first_day=period.first,
        last_day=period.last,
        time_zone="Asia/Ho_Chi_Minh",
        provisional=counted.provisional,
        snapshot=None if closing is None else _snapshot(closing),
        altered=counted.altered,
    )


def _snapshot(closing: ClosedPeriod) -> Snapshot:
    return Snapshot(closed_at=closing.closed_at, digest=digest_on_record(session(), closing))


def _second(counted: Figures) -> SecondTarget | None:
    row, beside = counted.second, counted.standard.beside
    if row is None or beside is None:
        return None
    values = {**beside.kept(), "share": float(beside.share), "verdict": row.verdict, "certain": row.certain}
    return SecondTarget.model_validate(values)


def _reference(name: ReferenceName, channel: ChannelFigures[FiguresRow]) -> Reference:
    lines = [_filled(CountedLine, row) for row in channel.rows if row.answered]
    return Reference(channel=name, total=_filled(Counted, channel.total), lines=lines)


def _filled(shape: type[AnyCounted], row: FiguresRow) -> AnyCounted:
    values = {**vars(row), "internal_use_only": row.suppress}
    if row.withheld:
        values |= {"lower": None, "upper": None}
    return shape(**{name: values[name] for name in shape.model_fields})
