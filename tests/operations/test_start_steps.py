"""The steps to the first report stand where the data stand: what is done anywhere counts, what is undone is open."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import invitations, placements
from survey.models import Agency, Channel, Level, Procedure, QuestionnaireVersion, Role, VersionStatus
from survey.operations import start_steps
from survey.operations.start_step import StartStep
from survey.periods import parse
from survey.results import closing
from survey.settings import Settings
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official

pytestmark = pytest.mark.usefixtures("vietnamese")
AT = dt.datetime(2026, 11, 10, 3, tzinfo=dt.UTC)


def look(session: Session, settings: Settings) -> dict[str, StartStep]:
    session.flush()
    return {step.name: step for step in start_steps.steps(session, settings, AT)}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # each step is one plain SELECT
def test_each_step_follows_what_is_stored(session: Session, settings: Settings) -> None:
    before = look(session, settings)
    assert [name for name, step in before.items() if step.done] == [
        "province",
        "agencies",
        "procedures",
        "questionnaire",
    ]
    assert [name for name, step in before.items() if not step.required] == ["sending", "trial", "poster", "cases"]
    assert all(step.purpose and step.standing and (step.done or step.missing) for step in before.values())
    assert "máy chủ thư" in before["sending"].missing, "nothing is set up to send by"
    with_mail = dataclasses.replace(settings, smtp_host="127.0.0.1", mail_from="a@example.vn")
    assert "cho chính mình" in look(session, with_mail)["sending"].missing
    assert "01/12/2026" in before["closing"].missing and before["report"].ways == ()

    for login in ("mot", "hai"):
        official(session, login, role=Role.ADMINISTRATOR)
    test_link = placements.make(session, factories.agency_id(session), Channel.OPEN, AT, test=True)
    assert look(session, settings)["trial"].trial == test_link.code
    assert not look(session, settings)["poster"].done, "a test link hangs nowhere"
    source = invitations.place(session.connection(), test_link.code, Channel.OPEN)
    factories.response(session, 4, when=AT, source=source)
    factories.case(session, finished=dt.date(2026, 10, 20))
    counter = placements.make(session, factories.agency_id(session), Channel.OPEN, AT)
    half = look(session, settings)
    assert {name for name, step in half.items() if not step.done} == {"sending", "closing", "report"}
    assert "01/10/2026" in half["closing"].missing and half["poster"].ways[0].values == {"code": counter.code}
    assert start_steps.is_under_way(session)

    closing.close(session, parse("2026-10"), AT, STANDARD)
    trail.append(session, None, Act.REPORT_REQUESTED, AT, period="2026-09", basis="calendar")
    closed = look(session, settings)
    assert closed["closing"].done and not closed["report"].done, "that report was of another period"
    trail.append(session, None, Act.REPORT_REQUESTED, AT, period="2026-10", basis="calendar")
    assert look(session, settings)["report"].done and not start_steps.is_under_way(session)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # as above
def test_what_is_undone_is_open_again(session: Session, settings: Settings) -> None:
    session.execute(sa.update(QuestionnaireVersion).values(status=VersionStatus.DRAFT))
    session.execute(sa.update(Procedure).values(valid_to=dt.date(2026, 1, 1)))
    steps = look(session, settings)
    assert "bản thảo" in steps["questionnaire"].missing and not steps["procedures"].done
    session.add(Agency(code="H62", name={"vi": "Tỉnh khác"}, level=Level.PROVINCE, valid_from=dt.date(2025, 7, 1)))
    assert "Tỉnh khác (H62)" in look(session, settings)["agencies"].missing
