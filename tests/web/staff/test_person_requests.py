"""The desk for requests about personal data: an answer is found by its receipt, handed over, its comments erased."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey.audit.acts import Act
from survey.collection import unlinking
from survey.comments.follow_up import FollowUpChange, follow_up
from survey.comments.reading import CommentFilter, CommentsInScope
from survey.delivery import replies
from survey.delivery.contact import Contact
from survey.delivery.replies import Agreed
from survey.i18n import speaking
from survey.models import (
    AddressKind,
    AuditEntry,
    Comment,
    FollowUp,
    FollowUpStatus,
    FollowUpStep,
    MovedDay,
    PersonRequest,
    PrivacyPage,
    Response,
    Role,
    Staff,
)
from survey.organisation.working_days import WorkingDays
from survey.periods import local_day, now, parse
from survey.results.scope import scope_for
from survey.security.tokens import parse_receipt, receipt_code
from tests.support import factories
from tests.support.figures import CLOCK
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page
from tests.support.written import FOR_THE_PROVINCE, NOON, TYPED, answer

Look = Callable[[Any], list[Any]]
DESK = "/staff/requests"
WHY = "Bà gọi 0987612345 xin xóa góp ý"
TODAY = local_day(now())


@pytest.fixture
def receipt(session: Session) -> str:
    """The receipt code of the one answer that there is."""
    code = receipt_code(answer(session))
    session.commit()
    return code


@pytest.fixture
def desk(client: FlaskClient, session: Session) -> FlaskClient:
    """An administrator of the province."""
    official(session, role=Role.ADMINISTRATOR)
    sign_in(client)
    return client


def plain(page: TestResponse) -> str:
    """Return the words of a page or file, parted by single blanks; a term and what it means as a file writes them."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.replace("</dt>", ":")).split()).replace(" : ", ": ")


def on_record(look: Look, act: Act) -> list[Any]:
    return [about for (about,) in look(sa.select(AuditEntry.about).where(AuditEntry.act == act.value))]


def test_an_answer_is_found_by_its_receipt_and_that_somebody_looked_is_on_record(
    desk: FlaskClient, receipt: str, look: Look
) -> None:
    check_page(desk.get(DESK))
    shown = send(desk, f"{DESK}/answer", DESK, receipt=receipt.lower().replace("-", " "))
    check_page(shown)
    assert shown.status_code == 200 and FOR_THE_PROVINCE in shown.text and TYPED not in shown.text
    assert "Không hài lòng" in shown.text, "the rating in the words of the form"
    assert on_record(look, Act.ANSWER_LOOKED_UP) == [{"receipt": receipt}]


def test_the_person_and_the_desk_read_which_words_about_data_the_page_had(
    desk: FlaskClient, session: Session, receipt: str
) -> None:
    words = {"vi": "Không hỏi tên.\nCơ quan thấy tổng số.", "en": "No names.\nOfficials see totals."}
    empty = desk.get(DESK).text
    assert "phiên bản 1" not in empty
    factories.privacy_notice(session, 1, dt.date(2026, 9, 1), vi="Lời cũ", en="Old words")
    notice = factories.privacy_notice(session, 2, dt.date(2026, 9, 2), **words)
    factories.privacy_notice(session, 3, dt.date(2026, 9, 3), PrivacyPage.KIOSK, vi="Lời ở kiosk", en="At a kiosk")
    session.commit()
    for path in ("answer", "answer/file"):
        assert "Thông tin về dữ liệu trên trang: không ghi nhận hoặc không còn lưu" in plain(
            send(desk, f"{DESK}/{path}", DESK, receipt=receipt)
        )
    session.execute(sa.update(Response).values(privacy_notice=notice))
    session.commit()
    for path in ("answer", "answer/file"):
        shown = plain(send(desk, f"{DESK}/{path}", DESK, receipt=receipt))
        assert "phiên bản 2: Không hỏi tên. Cơ quan thấy tổng số." in shown
    page = desk.get(DESK)
    rows = plain(page)
    check_page(page)
    order = (
        "mã QR, phiên bản 2 · phiếu đầu tiên ngày 02/09/2026 Không hỏi tên. Cơ quan thấy tổng số. No names.",
        "mã QR, phiên bản 1 · phiếu đầu tiên ngày 01/09/2026 Lời cũ Old words",
        "Ki-ốt, phiên bản 1 · phiếu đầu tiên ngày 03/09/2026 Lời ở kiosk At a kiosk",
    )
    places = [rows.index(version) for version in order]
    assert places == sorted(places), "the newest of each page first"


@pytest.mark.parametrize("code", ["", "0000-0000-0000-0000", "x" * 500])
def test_a_code_that_there_is_not_is_given_back_with_what_to_do(desk: FlaskClient, look: Look, code: str) -> None:
    refused = send(desk, f"{DESK}/answer", DESK, receipt=code)
    check_page(refused)
    assert refused.status_code == 404 and code[:60] in refused.text
    assert on_record(look, Act.ANSWER_LOOKED_UP) == []


def test_the_person_gets_all_that_is_kept_as_a_file(desk: FlaskClient, receipt: str, look: Look) -> None:
    got = send(desk, f"{DESK}/answer/file", DESK, receipt=receipt)
    assert got.mimetype == "text/plain" and got.headers["Content-Disposition"].endswith(f'{receipt}.txt"')
    assert receipt in got.text and FOR_THE_PROVINCE in got.text and TYPED not in got.text
    assert on_record(look, Act.ANSWER_EXPORTED) == [{"receipt": receipt}]


def test_the_person_learns_that_an_address_is_kept_and_nobody_learns_which(
    desk: FlaskClient, receipt: str, session: Session
) -> None:
    own = parse_receipt(receipt)
    assert own is not None
    replies.leave(
        session, factories.SECRET, own, Contact(AddressKind.EMAIL, "canary@example.vn"), Agreed("vi", 30), NOON
    )
    session.commit()
    page = send(desk, f"{DESK}/answer", DESK, receipt=receipt)
    assert "chỉ dùng một lần" in check_page(page).words and "canary" not in page.text


def test_comments_are_erased_in_two_steps_and_the_rating_counts_on(
    desk: FlaskClient, session: Session, receipt: str, look: Look
) -> None:
    refused = send(desk, f"{DESK}/answer/erase", DESK, receipt=receipt, reason="xóa")
    check_page(refused)
    assert refused.status_code == 422
    asked = send(desk, f"{DESK}/answer/erase", DESK, receipt=receipt, reason=WHY)
    check_page(asked)
    assert FOR_THE_PROVINCE in asked.text and len(look(sa.select(Comment.text))) == 1, "nothing is erased yet"
    done = send(desk, f"{DESK}/answer/erase", DESK, receipt=receipt, reason=WHY, sure="yes")
    check_page(done)
    assert done.status_code == 200 and FOR_THE_PROVINCE not in done.text
    assert look(sa.select(Comment.text)) == []
    assert look(sa.select(Response.overall, Response.counted)) == [(2, True)]
    [about] = on_record(look, Act.COMMENTS_ERASED)
    assert about == {"receipt": receipt, "number": 1, "reason": "Bà gọi [số điện thoại] xin xóa góp ý"}
    send(desk, f"{DESK}/answer/erase", DESK, receipt=receipt, reason=WHY, sure="yes")
    assert len(on_record(look, Act.COMMENTS_ERASED)) == 1, "there is nothing to erase twice"


def test_what_the_desk_does_before_the_cut_does_not_tell_after_it_when_an_answer_was_given(
    desk: FlaskClient, session: Session, look: Look
) -> None:
    code = receipt_code(factories.response(session, 2, when=NOON, comments={"S8": TYPED}))
    session.commit()
    for path in ("answer", "answer/file", "answer/erase"):
        sent = send(desk, f"{DESK}/{path}", DESK, receipt=code, reason=WHY, sure="yes")
        assert sent.status_code == 200 and code in sent.text
    unlinking.unlink(session, dt.date(2026, 10, 1), dt.date(2026, 10, 14), [])
    session.commit()
    entries = look(sa.select(AuditEntry.act, AuditEntry.about).where(AuditEntry.at > NOON).order_by(AuditEntry.id))
    assert {"answer.looked_up", "answer.exported", "comments.erased"} <= {act for act, _ in entries}
    assert [act for act, about in entries if "receipt" in about] == [], "with the time of the entry it would tell"
    assert look(sa.select(Response.comments_erased)) == [(False,)], "what was erased once in a while tells as much"
    send(desk, f"{DESK}/answer", DESK, receipt=code)
    assert on_record(look, Act.ANSWER_LOOKED_UP) == [{}, {"receipt": code}], "nothing is told by a look after the cut"


def test_the_same_page_sent_once_more_brings_no_erased_comment_back(
    desk: FlaskClient, session: Session, receipt: str, look: Look
) -> None:
    send(desk, f"{DESK}/answer/erase", DESK, receipt=receipt, reason=WHY, sure="yes")
    assert receipt_code(answer(session, TYPED, NOON, code="TESTQR")) == receipt
    session.commit()
    assert look(sa.select(Comment.text)) == []
    assert len(look(sa.select(Response.id))) == 1


def test_what_was_written_before_a_change_of_mind_is_found_and_erased_by_the_first_receipt(
    desk: FlaskClient, session: Session, receipt: str, look: Look
) -> None:
    answer(session, "Chờ lâu quá", NOON + dt.timedelta(minutes=1), code="TESTQR")  # from the same page
    session.commit()
    shown = send(desk, f"{DESK}/answer", DESK, receipt=receipt)
    assert FOR_THE_PROVINCE in shown.text and "Chờ lâu quá" in shown.text
    send(desk, f"{DESK}/answer/erase", DESK, receipt=receipt, reason=WHY, sure="yes")
    assert look(sa.select(Comment.text)) == []


def test_what_the_office_noted_and_answered_goes_with_the_comment(
    desk: FlaskClient, session: Session, receipt: str, look: Look
) -> None:
    scope = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
    with speaking("vi"):
        rows = CommentsInScope(session, scope, True, CLOCK, 1).page(CommentFilter())
    change = FollowUpChange({"status": FollowUpStatus.DONE, "answer": "Đã xin lỗi"}, "Đã gọi lại")
    assert follow_up(session, rows, change, session.scalars(sa.select(Staff.id)).first() or 0, NOON) == 1
    session.commit()
    assert look(sa.select(FollowUp.answer)) == [("Đã xin lỗi",)]
    assert look(sa.select(FollowUpStep.note)) == [("Đã gọi lại",)]
    assert send(desk, f"{DESK}/answer/erase", DESK, receipt=receipt, reason=WHY, sure="yes").status_code == 200
    assert look(sa.select(FollowUp.answer)) == [] and look(sa.select(FollowUpStep.note)) == []


def test_a_day_that_the_province_moved_moves_the_day_by_which_to_answer(
    desk: FlaskClient, session: Session, look: Look
) -> None:
    last = WorkingDays({}).after(TODAY, 10)
    session.add(MovedDay(day=last, works=False, reason="Thông báo số 5"))
    session.commit()
    send(desk, DESK, DESK, kind="SEE", received=TODAY.isoformat(), note="Xin xem câu trả lời")
    assert look(sa.select(PersonRequest.due_on)) == [(WorkingDays({}).after(last, 1),)]


def test_a_request_stands_in_the_register_until_it_is_answered(desk: FlaskClient, look: Look) -> None:
    fields = {"kind": "ERASE", "received": TODAY.isoformat(), "note": "Trả lời qua 0987612345"}
    assert send(desk, DESK, DESK, **fields).status_code == 303
    [(number, due, note)] = look(sa.select(PersonRequest.id, PersonRequest.due_on, PersonRequest.note))
    assert (due, note) == (WorkingDays({}).after(TODAY, 10), "Trả lời qua [số điện thoại]")
    page = desk.get(DESK)
    check_page(page)
    assert f'action="{DESK}/{number}"' in page.text
    empty = send(desk, f"{DESK}/{number}", DESK, outcome="")
    check_page(empty)
    assert empty.status_code == 422
    assert send(desk, f"{DESK}/{number}", DESK, outcome="Đã xóa góp ý").status_code == 303
    page = desk.get(DESK)
    check_page(page)
    assert "Đã xóa góp ý" in page.text and f'action="{DESK}/{number}"' not in page.text
    assert send(desk, f"{DESK}/{number}", DESK, outcome="Lần nữa").status_code == 409
    assert send(desk, f"{DESK}/{number + 1}", DESK, outcome="Lần nữa").status_code == 404
    assert len(on_record(look, Act.PERSON_REQUEST_ANSWERED)) == 1


@pytest.mark.parametrize(
    "received", ["", "hôm qua", (TODAY + dt.timedelta(days=1)).isoformat(), "2020-01-01", "0001-01-01"]
)
def test_a_day_on_which_no_request_can_have_come_is_refused_and_nothing_is_lost(
    desk: FlaskClient, look: Look, received: str
) -> None:
    refused = send(desk, DESK, DESK, kind="SEE", received=received, note="Xin xem câu trả lời")
    check_page(refused)
    assert refused.status_code == 422 and "Xin xem câu trả lời" in refused.text
    assert look(sa.select(PersonRequest.id)) == []


def test_what_is_overdue_stands_out(desk: FlaskClient) -> None:
    long_ago = (TODAY - dt.timedelta(days=60)).isoformat()
    send(desk, DESK, DESK, kind="SEE", received=long_ago, note="Xin xem câu trả lời")
    assert '<strong class="fault">' in desk.get(DESK).text


@pytest.mark.parametrize(
    ("agency", "role"), [("H61.50", Role.ADMINISTRATOR), ("H61", Role.MANAGER), ("H61", Role.AUDITOR)]
)
def test_nobody_else_looks_an_answer_up_or_erases(
    client: FlaskClient, session: Session, receipt: str, look: Look, agency: str, role: Role
) -> None:
    official(session, agency=agency, role=role)
    sign_in(client)
    for path in ("answer", "answer/file", "answer/erase"):
        refused = send(client, f"{DESK}/{path}", receipt=receipt, reason=WHY, sure="yes")
        assert refused.status_code == 403 and FOR_THE_PROVINCE not in refused.text
    assert len(look(sa.select(Comment.text))) == 1
    if role == Role.AUDITOR:
        page = client.get(DESK)
        check_page(page)
        assert "<form" not in page.text.partition("<main")[2], "who looks on changes nothing"
