"""Tell the holder of an account by e-mail what was changed about how it is signed in to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from survey.alerts import sign_in_changes
from survey.alerts.post import Post
from survey.audit.acts import Act
from survey.models import Staff
from survey.periods import now
from survey.web.request import session, settings
from survey.web.survey import this_survey


def tell(staff_id: int, act: Act) -> None:
    """Queue the e-mail, in the transaction of the request, which the caller commits."""
    tell_in(session(), staff_id, act)


def tell_in(writing: Session, staff_id: int, act: Act) -> None:
    """Queue the e-mail in a transaction of its own, which the caller commits."""
    post = Post(settings().secret_key, settings().public_url, this_survey().languages)
    sign_in_changes.tell(writing, post, writing.get_one(Staff, staff_id), act, now())
