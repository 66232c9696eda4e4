"""Finished cases as programs send them: each member with its shape, and what is recorded of it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from survey.cases.intake import IncomingCase
from survey.models import CaseOutcome, Filing, Respondent
from survey.organisation.code_formats import CASE_CODE, OLD_CASE_CODE, PROCEDURE_CODE, STRANGE_AGENCY_CODE
from survey.web.api.operations import Strict
from survey.web.survey import this_survey

MOST_CASES = 10_000
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _pattern(*shapes: str) -> str:
    """Return shapes as JSON Schema reads them: whole, digits in ASCII, without names."""
    joined = "|".join(shape.replace(r"\d", "[0-9]").replace("?P<base>", "?:") for shape in shapes)
    return f"^(?:{joined})$"


AgencyCode = Annotated[str, Field(pattern=_pattern(STRANGE_AGENCY_CODE.pattern), examples=["H61.50"])]


def _day(sent: object) -> object:
    """Read a day; of itself pydantic would also take "0" for one in 1970, and a midnight for its day."""
    if not isinstance(sent, str):
        return sent
    try:
        if DAY.fullmatch(sent):
            return dt.date.fromisoformat(sent)
    except ValueError:
        pass
    raise PydanticCustomError("date_parsing", "not a day")


Day = Annotated[dt.date, BeforeValidator(_day), Field(examples=["2026-10-08"])]


class EmailAddress(Strict):
    """An e-mail address."""

    email: Annotated[str, Field(max_length=254)]


class PhoneNumber(Strict):
    """A phone number of Viet Nam."""

    phone: Annotated[str, Field(max_length=30)]


class SentCase(Strict):
    """One finished case."""

    case_code: Annotated[
        str, Field(pattern=_pattern(CASE_CODE.pattern, OLD_CASE_CODE.pattern), examples=["H61.50-261008-0975"])
    ]
    procedure: Annotated[str, Field(pattern=_pattern(PROCEDURE_CODE.pattern), examples=["1.001193"])]
    receiving_agency: AgencyCode | None = Field(None, description="Without it, the resolving agency received it.")
    resolving_agency: AgencyCode
    finished_day: Day
    received_day: Day | None = None
    due_day: Day | None = None
    withdrawn_on: Day | None = Field(
        None,
        examples=[None],
        description="The day on which the case was withdrawn (taken back by the citizen, or recorded by mistake). "
        "Nobody is asked about it any more; an answer given before counts on. null says that it is not withdrawn (any "
        "more); without the member, what was told before holds.",
    )
    respondent: Literal["citizen", "business"]
    filing: Literal["in_person", "online", "post"] | None = None
    outcome: Literal["granted", "refused", "given_up"] | None = Field(
        None, description="How the case ended; given_up is by the applicant. Answers are shown apart by it."
    )
    contact: EmailAddress | PhoneNumber | None = Field(
        None,
        description="Where to send the invitation; kept sealed, until it is delivered or 7 days at most. Where letters "
        "of apology are switched on, also where to send that about a late case: sealed, until somebody decides on it "
        "or 14 days, and then until it is delivered or 7 days at most.",
    )
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] | None = Field(
        None, description="Language in which the link opens, and of a letter of apology; Vietnamese without it."
    )


class CasesBody(Strict):
    """Finished cases, one or many."""

    cases: Annotated[list[SentCase], Field(min_length=1, max_length=MOST_CASES)]


def incoming(case: SentCase) -> IncomingCase:
    """Return what is recorded of a case."""
    where = case.contact
    return IncomingCase(
        case.case_code,
        procedure=case.procedure[:8],
        receiving=case.receiving_agency or case.resolving_agency,
        resolving=case.resolving_agency,
        respondent=Respondent[case.respondent.upper()],
        finished=case.finished_day,
        received=case.received_day,
        due=case.due_day,
        filing=Filing[case.filing.upper()] if case.filing else None,
        outcome=CaseOutcome[case.outcome.upper()] if case.outcome else None,
        withdrawn=case.withdrawn_on,
        withdrawal_told="withdrawn_on" in case.model_fields_set,
        contact=None if where is None else where.email if isinstance(where, EmailAddress) else where.phone,
        language=spoken(case),
    )


def given_back(case: SentCase) -> bool:
    """Return whether a case is said to be withdrawn no more: a null that says something."""
    return "withdrawn_on" in case.model_fields_set and case.withdrawn_on is None


def spoken(case: SentCase) -> str | None:
    """Return the language that is asked for, if this installation speaks it."""
    return case.language if case.language in this_survey().languages else None
