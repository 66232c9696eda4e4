"""Every string of a published list as a name, a login and a search of accounts: no fault, and shown inert."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import Role
from tests.support.naughty import HARMLESS, check_inert, strings
from tests.support.officials import PASSWORD, official, sign_in, token_on
from tests.web.staff.test_accounts import LIST, NEW, link_on

TRAIL = "/staff/audit-trail"
FORM = {"role": "viewer", "agency": "H61.50", "email": ""}


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)  # the stricter of the two
def test_names_logins_and_searches_are_kept_or_refused_and_never_obeyed(
    client: FlaskClient, session: Session, campaign: bool
) -> None:
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    token = token_on(client, NEW)

    def invite(name: str) -> str:
        answer = client.post(NEW, data={**FORM, "name": name, "csrf_token": token})
        assert answer.status_code in (200, 422), name
        return answer.text

    asking = [invite(name) for name in (HARMLESS, "", "x" * 300)]
    path = link_on(asking[0])

    def join(login: str) -> str:
        typed = {"name": login, "login": login, "new": PASSWORD, "again": "", "csrf_token": token}
        answer = client.post(path, data=typed)
        assert answer.status_code == 422, login
        return answer.text

    joining = [join(login) for login in (HARMLESS, "", "x" * 300)]
    listed = [client.get(LIST, query_string={"q": words}).text for words in (HARMLESS, "Hạnh", "")]
    asked = ({"person": HARMLESS, "first": "x"}, {"person": "Hạnh"}, {})
    trail = [client.get(TRAIL, query_string=one).text for one in asked]
    for text in strings()[:: 3 if campaign else 12]:  # an account has no more links than 200 at a time
        check_inert(invite(text), asking)
        check_inert(join(text), joining)
        for page, name, like in ((LIST, "q", listed), (TRAIL, "person", trail)):
            answer = client.get(page, query_string={name: text, "first": text, "act": text, "state": text})
            assert answer.status_code == 200, text
            check_inert(answer.text, like, listed=True)
