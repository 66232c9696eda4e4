"""Withdrawing cases silences nobody: no rate moves, what was withdrawn is counted, and a closed period stays."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import docx
import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from survey import questionnaires, reports
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.i18n import speaking
from survey.models import FrozenCohort, Invitation, State
from survey.organisation import agencies
from survey.periods import parse
from survey.results import caveats, closing, counts
from survey.results.figures import Figures, figures
from survey.results.invitation_coverage import InvitationCoverage, invitation_coverage
from survey.results.open_cohort import COHORT
from survey.results.response_quality import WithdrawnCases
from survey.results.scope import Scope, scope_for
from survey.security.tokens import new_token
from tests.results.test_invitation_coverage import sent
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in
from tests.support.pages import check_page

OCTOBER = parse("2026-10")
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
CLOSED = dt.datetime(2026, 11, 5, 5, tzinfo=dt.UTC)
LATER = CLOSED + dt.timedelta(days=1)
RATINGS = (5, 1, 4, 2, None, None, 3, None)  # of eight invited cases, None: silent


def asked(session: Session, rating: int | None, agency: str = "H61.50") -> str:
    """Return the token of an invited case that was rated, if a rating is given."""
    token = factories.invitation(session, agency, when=NOON, days=60)
    if rating is not None:
        source = invitations.find(session.connection(), token, NOON)
        meta = responses.SubmissionMeta(new_token(), NOON, "vi")
        sheet = questionnaires.asked_now(session)
        responses.record(session.connection(), factories.SECRET, source, sheet, Answers({"overall": rating}), meta)
    return token


def here(session: Session) -> Scope:
    return scope_for(session, OCTOBER, agencies.root(session).id)


def shown(session: Session) -> Figures:
    return figures(session, here(session), STANDARD, CLOSED.date())


def coverage(session: Session, at: dt.datetime = CLOSED) -> InvitationCoverage:
    return invitation_coverage(session, here(session), at)


def cohort(session: Session) -> dict[str, int]:
    frame = counts.cohort(session, here(session), ())
    return {name: int(frame[name].sum()) for name in COHORT}


@pytest.mark.usefixtures("vietnamese")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.sets(st.integers(0, len(RATINGS) - 1)), back=st.sets(st.integers(0, len(RATINGS) - 1)))
def test_whichever_cases_are_withdrawn_no_rate_moves_and_all_of_them_are_counted(
    session: Session, chosen: set[int], back: set[int]
) -> None:
    with session.begin_nested() as attempt:
        tokens = [asked(session, rating) for rating in RATINGS]
        before = shown(session).judged.total
        for place in chosen:
            factories.withdraw(session, tokens[place], NOON)
        for place in chosen & back:
            factories.give_back(session, tokens[place], NOON)
        after, gone = shown(session).judged.total, chosen - back
        rated = [rating for place in gone if (rating := RATINGS[place]) is not None]
        judged = ("answered", "satisfied", "rate", "rated", "rated_satisfied", "levels")
        assert [getattr(after, name) for name in judged] == [getattr(before, name) for name in judged]
        assert after.finished == after.invited == len(RATINGS) - (len(gone) - len(rated))
        withdrawn = (len(gone), len(rated))
        assert (after.withdrawn, after.withdrawn_rated) == withdrawn
        line = coverage(session).total
        assert (line.finished, line.invited, line.due_invited, line.rated) == (after.finished,) * 3 + (after.rated,)
        assert (line.withdrawn, line.withdrawn_rated) == withdrawn
        attempt.rollback()


def test_a_closed_period_stays_whatever_is_withdrawn_or_given_back_later(session: Session) -> None:
    tokens = [asked(session, rating) for rating in RATINGS]
    for place in (1, 4):
        factories.withdraw(session, tokens[place], NOON)
    closed = closing.close(session, OCTOBER, CLOSED, STANDARD)
    digest = closing.digest_on_record(session, closed)
    before = (cohort(session), coverage(session))
    assert before[0] == {
        "finished": 7,
        "invited": 7,
        "rated": 5,
        "carried": 0,
        "withdrawn": 2,
        "withdrawn_rated": 1,
    }
    for place in (0, 5, 7):
        factories.withdraw(session, tokens[place], LATER)
    assert (cohort(session), coverage(session, LATER)) == before
    for place in (1, 4):
        factories.give_back(session, tokens[place], LATER)
    assert (cohort(session), coverage(session, LATER)) == before
    assert closing.digest(session, closed) == digest


def test_who_hides_withdrawn_cases_of_a_closed_period_changes_its_digest(session: Session) -> None:
    factories.withdraw(session, asked(session, 1), NOON)
    closed = closing.close(session, OCTOBER, CLOSED, STANDARD)
    session.execute(sa.update(FrozenCohort).values(withdrawn=0, withdrawn_rated=0))
    assert closing.digest(session, closed) != closing.digest_on_record(session, closed)


@pytest.mark.parametrize(
    ("silent", "rated", "flags"),
    [
        (0, 0, []),
        (2, 0, []),
        (3, 0, ["3 of 100 finished cases were withdrawn before they were rated."]),
        (0, 1, ["Cases withdrawn after they had been rated: 1. These ratings count on."]),
    ],
)
def test_many_withdrawn_or_one_after_it_was_rated_is_a_red_flag(
    session: Session, silent: int, rated: int, flags: list[str]
) -> None:
    tokens = [asked(session, 2 if place == 0 else None) for place in range(100)]
    for token in [*tokens[:rated], *tokens[100 - silent :]]:
        factories.withdraw(session, token, NOON)
    total = coverage(session).total
    assert [message % values for message, values in total.flags] == flags
    assert total.whole is (silent == 0)


def test_the_message_of_a_case_given_back_that_never_left_is_missed(session: Session) -> None:
    tokens = [asked(session, None) for _ in range(2)]
    cases = list(session.scalars(sa.select(Invitation.case_id).order_by(Invitation.id)))
    sent(session, cases[:1], State.DROPPED)
    sent(session, cases[1:], State.DELIVERED)
    factories.withdraw(session, tokens[0], NOON)
    assert coverage(session).total.flags[0][1] == {"withdrawn": 1, "finished": 2}
    factories.give_back(session, tokens[0], NOON)
    assert [message % values for message, values in coverage(session).total.flags] == ["1 of 2 invitations never left."]


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        (WithdrawnCases(0, 0), ""),
        (WithdrawnCases(3, 0), "Cases withdrawn by the portal: 3. Those not rated before (3) no longer count"),
        (WithdrawnCases(12, 9), "Withdrawn after they had been rated: 9; these ratings count on"),
    ],
)
def test_the_caveat_tells_what_was_withdrawn(cases: WithdrawnCases, words: str) -> None:
    with speaking("en"):
        caveat = caveats.withdrawn(cases)
    assert words in caveat and bool(words) is bool(caveat)


def test_withdrawn_cases_stand_on_the_pages_and_in_the_report(
    session: Session, client: FlaskClient, tmp_path: Path
) -> None:
    with time_machine.travel(CLOSED, tick=False):
        for rating in (1, None, 5):
            factories.withdraw(session, asked(session, rating), NOON)
        asked(session, 5)
        official(session)
        session.commit()
        sign_in(client)
        for page in ("invitation-coverage", "response-quality", ""):
            response = client.get(f"/staff/{page}?period=2026-10&lang=en")
            words = " ".join(check_page(response, "en").words.split())
            assert "Cases withdrawn by the portal: 3." in words, page
            assert "Withdrawn after they had been rated: 2;" in words, page
    with speaking("en"):
        report = reports.build(session, here(session), STANDARD, CLOSED.date(), language="en")
        written = reports.write(report, tmp_path, ["docx", "json"])
    document = docx.Document(str(written[0]))
    assert any("Cases withdrawn by the portal: 3." in paragraph.text for paragraph in document.paragraphs)
    total = json.loads(written[1].read_text(encoding="utf-8"))["asked"]["total"]
    assert (total["withdrawn"], total["withdrawn_rated"]) == (3, 2)
