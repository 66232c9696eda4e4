"""A link is used once, also by several at the same moment."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import account_links
from survey.db.engine import Database
from survey.errors import SurveyError
from survey.models import Role, Staff
from tests.accounts.test_oversight import overseer
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.officials import PASSWORD, found, official

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)


def test_several_who_open_a_link_at_once_get_one_account(store: Database, session: Session) -> None:
    actor = overseer(session, official(session, "boss", role=Role.ADMINISTRATOR))
    unit = factories.agency_id(session, "H61.50")
    _, token = account_links.invite(session, actor, SECRET, "Lan", Role.VIEWER, unit, "", NOON)
    session.commit()

    def join(login: str) -> bool:
        with store.session(writes=True) as own:
            try:
                account_links.set_up(own, SECRET, token, login, "", PASSWORD, NOON)
                own.commit()
            except SurveyError:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        joined = list(pool.map(join, ("lan1", "lan2", "lan3", "lan4")))
    assert joined.count(True) == 1
    assert len(found(session, sa.select(Staff.id).where(Staff.login.like("lan%")))) == 1
