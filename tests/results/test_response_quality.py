"""How freely people answered: shares with the number who answered, channels apart, and where they were asked."""

from __future__ import annotations

import datetime as dt
import itertools

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.models import Channel
from survey.organisation import agencies
from survey.periods import parse
from survey.results import response_quality
from survey.results.scope import Standard, scope_for
from survey.security.tokens import new_token
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in
from tests.support.pages import check_page

OCTOBER = parse("2026-10")
NUMBERS = itertools.count(1)
NOON = dt.datetime(2026, 10, 5, 5, 0, tzinfo=dt.UTC)


def answered(session: Session, agency: str, channel: Channel = Channel.INVITATION, **other: str) -> None:
    """Record one full form with these answers beside the rating."""
    if channel == Channel.INVITATION:
        source = invitations.find(session.connection(), factories.invitation(session, agency, when=NOON), NOON)
    else:
        source = invitations.place(
            session.connection(), factories.placement(session, agency, f"Q{next(NUMBERS)}", channel).code, channel
        )
    sheet = questionnaires.asked_now(session, questionnaires.FULL)
    sending = responses.SubmissionMeta(new_token(), NOON, "vi")
    responses.record(
        session.connection(), factories.SECRET, source, sheet, Answers({"overall": 4}, dict(other)), sending
    )


def test_shares_stand_beside_the_number_who_answered_that_question(session: Session) -> None:
    for i in range(12):
        answered(session, "H61.50", A6="officer" if i < 9 else "self", C3="1" if i < 2 else "0")
    for _ in range(12):
        answered(session, "H61.51", A6="self")
    answered(session, "H61.51", A1="citizen")  # did not answer this question
    factories.response(session, 5, "H61.50", when=NOON)  # the short form does not ask it
    found = response_quality.shares(session, scope_for(session, OCTOBER, agencies.root(session).id), STANDARD)
    filled = {row.unit: row for row in found["filled_by"].units}
    first, second = (factories.agency_id(session, code) for code in ("H61.50", "H61.51"))
    assert (filled[first].answered, filled[first].k, filled[first].share, filled[first].flag) == (12, 9, 0.75, True)
    assert (filled[second].answered, filled[second].k, filled[second].flag) == (12, 0, False)
    assert all(row.lower <= row.share <= row.upper for row in filled.values())
    assert found["filled_by"].answers == {"officer": 9, "self": 15}
    coerced = found["coerced"]
    assert [(row.answered, row.k) for row in coerced.units] == [(12, 2)]
    assert coerced.named("1")["en"] == "Yes"
    assert found["filed_by"].units == ()


def test_who_suggested_a_rating_is_not_counted_where_it_is_withheld_how_many_said_so(session: Session) -> None:
    for number in range(9):
        answered(session, "H61.50", **({"C3": "1", "C3a": "officer"} if number < 3 else {"C3": "0"}))
    for number in range(30):
        answered(session, "H61.51", **({"C3": "1", "C3a": "officer"} if number < 12 else {"C3": "0"}))
    province, standard = scope_for(session, OCTOBER, agencies.root(session).id), Standard("0.90", 0.95)
    shares = response_quality.shares(session, province, standard)
    first, second = (factories.agency_id(session, code) for code in ("H61.50", "H61.51"))
    assert {row.unit: row.withheld for row in shares["coerced"].units} == {first: "few", second: "others"}
    assert shares["coerced_by"].units == ()
    for number in range(21):
        answered(session, "H61.50", **({"C3": "1", "C3a": "officer"} if number < 10 else {"C3": "0"}))
    shares = response_quality.shares(session, province, standard)
    assert [(row.answered, row.k) for row in shares["coerced_by"].units] == [(13, 13), (12, 12)]


def test_channels_and_periods_are_kept_apart(session: Session) -> None:
    answered(session, "H61.50", A6="officer")
    answered(session, "H61.50", Channel.OPEN, A6="self")
    units = response_quality.shares(session, scope_for(session, OCTOBER, agencies.root(session).id), STANDARD)[
        "filled_by"
    ].units
    assert [(row.channel, row.answered, row.k) for row in units] == [(1, 1, 1), (2, 1, 0)]
    september = response_quality.shares(
        session, scope_for(session, parse("2026-09"), agencies.root(session).id), STANDARD
    )
    assert september["filled_by"].units == ()


def test_answers_are_counted_by_the_page_of_the_portal(session: Session) -> None:
    for end in ("done", "done", "given_up"):
        answered(session, "H61.50", Channel.OPEN, end=end)
    rows = response_quality.ends(session, scope_for(session, OCTOBER, agencies.root(session).id), STANDARD)
    assert [(row.end, row.channel, row.answered, row.satisfied) for row in rows] == [
        ("done", 2, 2, 2),
        ("given_up", 2, 1, 1),
    ]


def test_the_page_shows_shares_with_counts_and_hides_what_few_said(session: Session, client: FlaskClient) -> None:
    official(session)
    for _ in range(12):
        answered(session, "H61.50", A6="officer", end="refused")
    answered(session, "H61.51", A6="officer")
    session.commit()
    sign_in(client)
    words = check_page(client.get("/staff/response-quality?period=2026-10")).words
    assert "Phiếu khảo sát này do ai trả lời?" in words
    assert "100,0%" in words
    assert "Câu trả lời tại các đơn vị" not in words, "no noughts where all is withheld"
    assert "ít phiếu (n = 1)" in words
    assert "Quý III năm 2026" in words, "official papers write quarters so"
    assert "Sau khi bị từ chối" in words
    assert "officer filled" in check_page(client.get("/staff/response-quality?period=2026-10&lang=en"), "en").words
    assert "Nobody answered" in check_page(client.get("/staff/response-quality?period=2026-01"), "en").words


def test_an_official_sees_the_own_subtree_only(session: Session, client: FlaskClient) -> None:
    official(session, agency="H61.51")
    session.commit()
    sign_in(client)
    assert client.get("/staff/response-quality?agency=H61.50").status_code == 404


def test_units_that_stand_out_come_first_and_answers_in_the_order_of_the_form(
    session: Session, client: FlaskClient
) -> None:
    official(session)
    for _ in range(12):
        answered(session, "H61.50", A2="officer")
        answered(session, "H61.1", A2="self")
        answered(session, "H61.51", A2="family")
    session.commit()
    sign_in(client)
    page = check_page(client.get("/staff/response-quality?period=2026-10")).words.partition(
        "Cán bộ trả lời phiếu thay"
    )[0]
    units = [page.index(name, page.index("Kênh")) for name in ("phường Trà Vinh", "Sở Nội vụ", "xã Càng Long")]
    assert units == sorted(units), "the one that stands out, then by name"
    assert "Câu trả lời tại các đơn vị có hiển thị tỷ lệ" in page
    answers = [page.index(words) for words in ("Tôi tự làm: 12", "làm giúp: 12", "làm thay: 12", "có trả tiền: 0")]
    assert answers == sorted(answers)
