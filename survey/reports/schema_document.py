"""The whole document of a report in .json: the parts of `schema`, and what stands beside the figures."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from survey.reports.schema import (
    AgencyData,
    ChangeData,
    ChannelsData,
    CommentData,
    Data,
    FactorData,
    PeriodData,
    Portion,
    TextByLanguage,
    TrendData,
    WeightedByData,
    WholeNumber,
)


class ReasonData(Data):
    """One thing that people were not satisfied with; nothing but its name where few chose it."""

    value: str
    text: TextByLanguage
    people: WholeNumber | None
    rate: Portion | None
    lower: Portion | None
    upper: Portion | None


class ReasonsData(Data):
    """What people were not satisfied with, of so many who gave a reason."""

    answered: WholeNumber | None
    choices: list[ReasonData]


class ShareOfVariance(Data):
    """How much of the differences in the overall rating goes with one question."""

    question: str
    importance: float


class ImportanceData(Data):
    """What goes together with the overall rating; never causes."""

    shares_of_explained_variance: list[ShareOfVariance] | None
    complete_answers: WholeNumber
    answers_needed: WholeNumber
    r_squared: float | None
    days_read: WholeNumber
    days: WholeNumber


class TaskCounts(Data):
    """How many tasks stand in each state; what is overdue is not among the open ones."""

    open: WholeNumber
    late: WholeNumber
    done: WholeNumber
    dropped: WholeNumber


class LetterData(Data):
    """How many cases were late, and how the letters of apology for them stand."""

    late_cases: WholeNumber
    letters: WholeNumber
    letters_drafted: WholeNumber
    letters_approved: WholeNumber
    letters_delivered: WholeNumber
    letters_handed_over: WholeNumber
    letters_declined: WholeNumber


class FlagData(Data):
    """Something that is amiss in who was asked: its name, and the numbers that say so."""

    code: Literal["skipped", "slow", "late", "short", "unsent", "withdrawn", "withdrawn_rated"]
    values: dict[str, int]


class AskedLine(Data):
    """Whether everyone was asked in one unit."""

    code: str
    name: TextByLanguage
    finished: WholeNumber
    invited: WholeNumber
    delivered: WholeNumber | None
    rated: WholeNumber
    completed: WholeNumber
    withdrawn: WholeNumber
    withdrawn_rated: WholeNumber
    due: WholeNumber
    due_invited: WholeNumber
    coverage: float | None
    delay: float | None = Field(description="Median hours from the day the case was finished to the invitation.")
    flags: list[FlagData]
    prompt: bool


class AskedData(Data):
    """Whether everyone was asked, unit by unit."""

    units: list[AskedLine]
    total: AskedLine


class TallyData(Data):
    """Some answers, and how many of them are satisfied; null where that is not told."""

    answered: WholeNumber
    satisfied: WholeNumber | None
    rate: Portion | None


class LeftOutData(Data):
    """The figures of a channel as they are shown, what is left out of them, and the figures with and without it."""

    shown: TallyData
    out: TallyData
    since: TallyData
    counting_all: TallyData | None = None
    without: TallyData | None = None


class LeftOutChannels(Data):
    """What is left out, by channel."""

    invitation: LeftOutData
    open: LeftOutData
    kiosk: LeftOutData
    paper: LeftOutData
    telephone: LeftOutData


class ProposalData(Data):
    """One proposal to leave answers out, or to count them again; agreed is null as yet."""

    number: int
    kind: Literal["exclude", "restore"]
    reason: str
    words: str
    answers: WholeNumber
    proposed_at: dt.datetime
    agreed: bool | None
    decided_at: dt.datetime | None


class ExclusionsData(Data):
    """What is left out of the figures, and every proposal about it."""

    channels: LeftOutChannels
    proposals: list[ProposalData]


class TargetSourceData(Data):
    """What a target is called, and who has decided it."""

    title: TextByLanguage
    source: TextByLanguage


class SecondTargetData(TargetSourceData):
    """A target that stands beside the headline, with the verdict of the total by it."""

    share: Portion
    verdict: Literal["met", "not_met", "inconclusive"]
    certain: Literal["", "met", "not_met"]
    sentence: str


class CallBackData(Data):
    """A call-back: a random sample of the silent and of those who answered was called; it never enters the judged rate.

    `rate` and `silent_rate` are null where somebody drawn was not reached: then only limits are known without an
    assumption, and `if_alike` is the rate under the one that they think as those who were reached.
    """

    cases: WholeNumber
    answered: WholeNumber
    satisfied: WholeNumber | None
    silent_called: WholeNumber
    silent_unreached: WholeNumber
    silent_satisfied: WholeNumber | None = Field(description="Null where too few were reached for anything to be told.")
    fewest: WholeNumber = Field(10, description="How many must have been reached for it to be told what they said.")
    withheld: Literal["", "few", "others"] = Field(
        "", description="Why the rate of all cases is not told: few people reached, or few others would be told of."
    )
    rate: Portion | None
    lower: Portion | None
    upper: Portion | None
    if_alike: Portion | None
    silent_rate: Portion | None
    silent_lower: Portion | None
    silent_upper: Portion | None
    verdict: Literal["met", "not_met", "inconclusive"] | None = Field(description="Null below 30 people reached.")
    answered_called: WholeNumber
    answered_unreached: WholeNumber
    not_own: WholeNumber | None = Field(description="How many did not answer themselves, or not freely.")
    not_own_lower: Portion | None
    not_own_upper: Portion | None
    verdict_can_turn: bool | None = Field(description="The judged verdict could be another one without such answers.")
    finished_at: dt.datetime
    sentences: list[str]


class ReportData(Data):
    """A report of Hài Lòng: all figures of one agency and period, each beside the counts that it came from.

    Texts are in `language`; everything else is the same in every language. null: it is not there, or not told.
    """

    schema_name: Literal["urn:hailong:report:2"] = Field("urn:hailong:report:2", alias="$schema")
    format: Literal["hailong-report"] = "hailong-report"
    version: Literal[2] = 2
    made_by: str
    demo: bool
    language: str
    as_of: dt.date = Field(description="Until which day is counted; of a closed period the day of its closing.")
    agency: AgencyData
    period: PeriodData
    target: Portion
    target_source: TargetSourceData | None = Field(description="Null where only the installation says the target.")
    second_target: SecondTargetData | None = Field(description="Null where no target stands beside the headline.")
    confidence: Portion
    definition: str
    sentence: str
    channels: ChannelsData
    weighted_by_finished_cases: WeightedByData
    factors: list[FactorData]
    reasons: ReasonsData | None
    importance: ImportanceData
    comments: CommentData
    tasks: TaskCounts
    letters_of_apology: LetterData | None
    asked: AskedData
    trend: list[TrendData]
    call_back: CallBackData | None = Field(None, description="Null where none was finished when the figures stood.")
    exclusions: ExclusionsData
    change: ChangeData | None
