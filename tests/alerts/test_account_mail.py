"""Who is invited by e-mail gets the link by a real mail server, and with the account an address that is confirmed."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import mail_address
from survey.models import AccountLink, Role, Staff
from survey.settings import Settings
from tests.support.factories import SECRET
from tests.support.officials import PASSWORD, found, official, send, sign_in
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import Rounds

NEW = "/staff/accounts/new"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the queue is proved on both in tests/delivery
def test_an_invited_person_joins_by_the_link_of_the_mail(
    session: Session, client: FlaskClient, rounds: Rounds, mail: MailServer, patient: Settings
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    send(client, NEW, NEW, name="Lê Thị Lan", role="manager", agency="H61.50", email="lan@example.vn")
    session.rollback()
    rounds(patient)
    [letter] = mail.received
    words = str(letter.get_content())
    assert letter["To"] == "lan@example.vn"
    assert "Lê Thị Lan" in words and "Nguyễn Thị Hạnh mời Ông/Bà" in words and "một lần" in words
    path = re.findall(r"https?://[^/\s]+(/staff/join/\S+)", words)[0]
    done = send(client, path, path, name="Lê Lan", login="lan", new=PASSWORD, again=PASSWORD)
    assert done.status_code == 200
    [account] = found(session, sa.select(Staff).where(Staff.login == "lan"))
    assert mail_address.confirmed_address(SECRET, account) == "lan@example.vn"
    assert found(session, sa.select(AccountLink.email)) == [None], "it is kept once"
