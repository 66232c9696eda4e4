"""The first account: one link, once, for a day, and nothing but it."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import migrations
from survey.audit.acts import Act
from survey.db.engine import Database
from survey.errors import Conflict, Expired, InvalidPassword, SurveyError
from survey.models import Agency, AuditEntry, Installation, Role, Staff
from survey.operations import first_account
from survey.operations.first_account import FirstAccount
from survey.organisation import agencies, province
from tests.support.factories import SECRET
from tests.support.officials import PASSWORD, found, official

NOON = dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)
HANH = FirstAccount("hanh", "Nguyễn Thị Hạnh", PASSWORD)
NAME = {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": ""}


def test_an_empty_installation_gets_its_province_and_one_administrator(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'empty.db'}") as database:
        migrations.migrate(database)
        token = first_account.new_token(SECRET, NOON)
        with database.session(writes=True) as session:
            with pytest.raises(Conflict):
                first_account.set_up(session, SECRET, token, "Vĩnh Long", NAME, HANH, NOON)
            with pytest.raises(InvalidPassword):
                weak = FirstAccount("hanh", "Hạnh", "hanhhanhhanhhanh")
                first_account.set_up(session, SECRET, token, "H61", NAME, weak, NOON)
            session.rollback()
            assert first_account.is_awaited(session), "what was refused has left nothing"
            account = first_account.set_up(session, SECRET, token, " h61 ", NAME, HANH, NOON)
            session.commit()
            own = agencies.root(session)
            assert (account.role, account.agency_id, own.code) == (Role.ADMINISTRATOR, own.id, "H61")
            assert session.get_one(Installation, 1).place == {"vi": "Vĩnh Long"}
            acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
            assert acts == [Act.STAFF_ADDED.value, Act.INSTALLATION_STARTED.value]
            with pytest.raises(Conflict):
                province.establish(session, "H60", NAME)
            assert province.correct(session, "H60", {"vi": "Ủy ban nhân dân tỉnh An Giang", "en": ""}).id == own.id
            assert agencies.root(session).code == "H60"
            session.get_one(Agency, own.id).placeholder = False  # as a file of agencies does
            session.flush()
            with pytest.raises(Conflict):
                province.correct(session, "H61", NAME)


def test_a_link_ends_after_a_day_with_the_first_account_and_under_another_secret(session: Session) -> None:
    token = first_account.new_token(SECRET, NOON)
    first_account.check(session, SECRET, token, NOON + first_account.VALID - dt.timedelta(seconds=1))
    late, forged = NOON + first_account.VALID, first_account.new_token("another secret of 32 characters!", NOON)
    for one, at in ((token, late), (forged, NOON), ("", NOON), ("x.y", NOON)):
        with pytest.raises(Expired):
            first_account.check(session, SECRET, one, at)
    official(session)
    for one in (token, first_account.new_token(SECRET, NOON)):
        with pytest.raises(Expired):
            first_account.check(session, SECRET, one, NOON)


def test_several_who_open_links_at_once_get_one_account(store: Database, session: Session) -> None:
    session.rollback()

    def begin(login: str) -> bool:
        token = first_account.new_token(SECRET, NOON)
        with store.session(writes=True) as own:
            try:
                first_account.set_up(own, SECRET, token, "", {}, FirstAccount(login, login, PASSWORD), NOON)
                own.commit()
            except SurveyError:
                return False
            return True

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(begin, ("mot", "hai", "ba"))).count(True) == 1
    assert len(found(session, sa.select(Staff.id))) == 1
