"""What identifies somebody in a comment is on no page but that of the original, which asks for a reason first."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.comments.references import reference
from survey.models import Role
from survey.security.tokens import receipt_code
from survey.web.survey import survey_of
from tests.support import dumps
from tests.support.officials import official, sign_in
from tests.support.written import TYPED, answer

CANARIES = [piece.encode() for piece in ("0987612345", "Thạch Thị Út")]


def test_no_page_and_no_table_holds_what_identifies_somebody_in_a_comment(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    assert all(canary in TYPED.encode() for canary in CANARIES)
    receipt = answer(session)
    named = reference(survey_of(app).settings.secret_key, (receipt, "S8"))
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    paths = sorted(
        {rule.rule for rule in rules} | {f"/receipt/{receipt_code(receipt)}", f"/staff/comments/{named}/original"}
    )
    assert len(paths) > 20
    for path in paths:
        shown = client.get(path)
        assert not [canary for canary in CANARIES if canary in shown.data], path
    held = dumps.tables(survey_of(app).database)
    assert held["comment"] and not [name for name, kept in held.items() if any(canary in kept for canary in CANARIES)]
