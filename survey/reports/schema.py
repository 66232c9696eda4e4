"""The shape of a report in .json, published as a JSON Schema: whatever is written keeps to it, whatever reads may."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

SCHEMA = "urn:hailong:report:2"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TextByLanguage: TypeAlias = Annotated[dict[str, str], Field(description="A text by language.")]
WholeNumber: TypeAlias = Annotated[int, Field(ge=0)]
Portion: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Decided: TypeAlias = Literal["met", "not_met", "inconclusive"]
Certain: TypeAlias = Annotated[
    Literal["", "met", "not_met"], Field(description="The verdict whatever those who did not answer think.")
]
BasisName: TypeAlias = Literal["calendar", "administrative"]


class Data(BaseModel):
    """A part of a report: it has what it names and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class AgencyData(Data):
    """Whose report it is."""

    code: str
    name: TextByLanguage


class PeriodData(Data):
    """The period, with its exact first and last day in Viet Nam."""

    code: str
    basis: BasisName
    first_day: dt.date
    last_day: dt.date
    time_zone: Literal["Asia/Ho_Chi_Minh"]
    provisional: bool = Field(description="It has not ended: limits and verdicts hold at every daily look.")
    closed: bool = Field(description="Its figures are frozen, so that the verdict is final.")
    closed_at: dt.datetime | None
    altered: bool = Field(description="Closed, and its counts are not those of the answers any more: do not use them.")


class MeasuredData(Data):
    """The counts of some answers to one rated question, and what is measured by them."""

    answered: WholeNumber
    withheld: Literal["", "few", "others", "open"] = Field(
        description="Why nothing but the number of answers is told: there are few, it would tell what few others "
        "said, or it is told when the period is closed. Empty: it is told."
    )
    satisfied: WholeNumber | None
    level_1: WholeNumber | None
    level_2: WholeNumber | None
    level_3: WholeNumber | None
    level_4: WholeNumber | None
    level_5: WholeNumber | None
    no_opinion: WholeNumber | None
    rate: Portion | None = Field(description="satisfied / answered, in full")
    lower: Portion | None
    upper: Portion | None
    mean: float | None
    mean_lower: float | None
    mean_upper: float | None
    index: float | None
    internal_use_only: bool = Field(description="Too few answers or too wide limits: not to be published.")


class OverallData(MeasuredData):
    """The overall rating of one unit or procedure, or of all together.

    Without a code it is of no one procedure, or of all that are withheld if it is pooled.
    """

    code: str
    name: TextByLanguage
    pooled: Literal["", "unit", "procedure"]
    flag_complement: bool
    review: bool


class CommentData(Data):
    """How many answers had a comment, and how their follow-up stands when the report is made."""

    comments: WholeNumber | None
    comments_new: WholeNumber | None
    comments_in_hand: WholeNumber | None
    comments_done: WholeNumber | None
    comments_not_for_us: WholeNumber | None
    comments_late: WholeNumber | None


class JudgedData(OverallData):
    """The same of answers by invitation, held against the target; all about cases is of those finished in the period.

    More answers that a verdict takes are null where the cases that are left cannot bring so many.
    """

    verdict: Decided
    p_met: float | None
    p_not_met: float | None
    named: bool = Field(description="May be named as missing the target, many rows allowed for.")
    needed_if_all_satisfied: WholeNumber | None
    needed_if_all_dissatisfied: WholeNumber | None
    needed_if_rate_holds: WholeNumber | None
    finished: WholeNumber
    invited: WholeNumber
    rated: WholeNumber
    rated_satisfied: WholeNumber | None
    withdrawn: WholeNumber
    withdrawn_rated: WholeNumber
    response_rate: float | None
    possible_lower: float | None
    possible_upper: float | None
    break_even: float | None
    certain: Certain


class JudgedUnitData(JudgedData, CommentData):
    """A unit by invitation, with its comments."""


class OverallUnitData(OverallData, CommentData):
    """A unit by another channel, with its comments."""


class InvitationData(Data):
    """Answers by invitation, each bound to one finished case: the only ones that are judged."""

    judged: Literal[True]
    total: JudgedUnitData
    units: list[JudgedUnitData]
    procedures: list[JudgedData]


class ReferenceData(Data):
    """A channel that stands beside the judged one and is never added to it."""

    judged: Literal[False]
    total: OverallUnitData
    units: list[OverallUnitData]
    procedures: list[OverallData]


class ChannelsData(Data):
    """The figures by channel."""

    invitation: InvitationData
    open: ReferenceData
    kiosk: ReferenceData
    paper: ReferenceData
    telephone: ReferenceData


class WeightedData(Data):
    """The rate over the rows with ratings, each counting by its finished cases."""

    rate: float
    unweighted: float
    lower: float
    upper: float
    n_eff: float
    covered_share: float | None


class WeightedByData(Data):
    """The weighted rate over units and over procedures."""

    units: WeightedData | None
    procedures: WeightedData | None


class FactorData(MeasuredData):
    """The answers to one rated question about a factor; a factor is not judged against the target."""

    questionnaire: str
    title: TextByLanguage
    question: str
    factor: str
    name: TextByLanguage
    text: TextByLanguage


class TrendData(Data):
    """The judged answers of one period."""

    code: str
    first_day: dt.date
    last_day: dt.date
    answered: WholeNumber
    withheld: Literal["", "few", "others", "open"]
    satisfied: WholeNumber | None
    rate: Portion | None
    lower: Portion | None
    upper: Portion | None
    ended: bool


class ChangeData(Data):
    """The rate minus that of the period before."""

    difference: float
    lower: float
    upper: float


def json_schema(document: type[BaseModel]) -> dict[str, object]:
    """Return a shape as a JSON Schema (2020-12) under the name that its documents carry in $schema."""
    return {"$schema": DIALECT, "$id": SCHEMA, **document.model_json_schema(mode="serialization")}
