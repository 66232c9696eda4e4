"""Cases as the portal sends them, and what their people say, through the product's own doors."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey import questionnaires
from survey.cases import recording
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.collection.responses import SubmissionMeta
from survey.collection.withdrawn_cases import Informant
from survey.models import Respondent
from survey.periods import local_day
from survey.security.tokens import case_hash, new_token
from tests.support.factories import SECRET


def answer(
    session: Session,
    token: str,
    rating: int,
    when: dt.datetime,
    comment: str = "",
    seconds: int | None = None,
    notice: bytes | None = None,
    **ratings: int,
) -> bytes:
    """Answer by a link, or change the answer, and return the receipt."""
    source = invitations.find(session.connection(), token, when)
    sheet = questionnaires.asked_now(session)
    answers = Answers({"overall": rating, "r1": rating, **ratings}, {}, {"S8": comment} if comment else {})
    meta = SubmissionMeta(new_token(), when, "vi", seconds, privacy_notice=notice)
    return responses.record(session.connection(), SECRET, source, sheet, answers, meta)


def tell(session: Session, codes: list[str], agency: str, when: dt.datetime, withdrawn: bool = False) -> None:
    """Tell of cases that were finished today, or correct what was told of them before."""
    about = {"receiving": agency, "resolving": agency, "procedure": "1.001193", "respondent": Respondent.CITIZEN}
    day = local_day(when)
    about |= {"finished": day, "withdrawn": day if withdrawn else None, "withdrawal_told": True}
    recording.record(session, [recording.finished(SECRET, code, **about) for code in codes], Informant(when))


def finish(session: Session, code: str, agency: str, when: dt.datetime) -> str:
    """Finish a case, invite its person, and return the token."""
    tell(session, [code], agency, when)
    [token] = invitations.issue_due(session, [case_hash(SECRET, code)], when, 7).values()
    return token
