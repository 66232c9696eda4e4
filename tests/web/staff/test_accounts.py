"""Accounts on pages: invite, join by the link, move, suspend, two administrators, the yearly look; and programs."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.models import AccountReview, Delivery, PairedRequest, Role, Staff, StaffSession
from survey.periods import now
from tests.support.officials import PASSWORD, found, official, send, sign_in
from tests.support.pages import check_page

LIST, NEW = "/staff/accounts", "/staff/accounts/new"


@pytest.fixture
def engine_name() -> str:
    """One database is enough: the rules are proved in tests/accounts on both."""
    return "sqlite"


def signed_in(app: Flask, session: Session, login: str, role: Role, agency: str = "H61") -> FlaskClient:
    """Return somebody who has signed in to a new account."""
    official(session, login, agency, role)
    client = app.test_client()
    sign_in(client, login)
    return client


def link_on(page: str) -> str:
    """Return the path of the link that a page shows."""
    shown = re.search(r'id="link">[^<]*?(/staff/join/[\w-]+)<', page)
    assert shown, page
    return shown.group(1)


def test_a_person_is_invited_joins_by_the_link_and_the_link_is_used_up(app: Flask, session: Session) -> None:
    boss = signed_in(app, session, "boss", Role.ADMINISTRATOR)
    shown = send(boss, NEW, NEW, name="Lê Thị Lan", role="manager", agency="H61.50", email="")
    check_page(shown)
    path, guest = link_on(shown.text), app.test_client()
    assert path not in boss.get(LIST).text, "it is shown once"
    assert "Lê Thị Lan" in check_page(boss.get(LIST)).words
    asked = check_page(guest.get(path))
    assert "Lê Thị Lan" in guest.get(path).text and "Nguyễn Thị Hạnh mời Ông/Bà" in asked.words
    for typed, said in (
        ({"login": "lan", "new": PASSWORD, "again": "khác hẳn đi nhé"}, "không giống nhau"),
        ({"login": "lan", "new": "ngắn", "again": "ngắn"}, "ít nhất 14 ký tự"),
        ({"login": "boss", "new": PASSWORD, "again": PASSWORD}, "đã có người dùng"),
        ({"login": "", "new": PASSWORD, "again": PASSWORD}, "tên đăng nhập"),
    ):
        page = send(guest, path, path, name="Lê Lan", **typed)
        assert page.status_code in (409, 422)
        assert said in check_page(page).words and 'value="Lê Lan"' in page.text and PASSWORD not in page.text
    done = send(guest, path, path, name="Lê Lan", login="lan", new=PASSWORD, again=PASSWORD)
    assert "Tài khoản đã sẵn sàng" in check_page(done).words
    gone = guest.get(path)
    assert gone.status_code == 410 and "đã được dùng hoặc đã hết hạn" in check_page(gone).words
    sign_in(guest, "lan")
    assert check_page(guest.get(LIST)).words.count("Lê Lan")
    [account] = found(session, sa.select(Staff).where(Staff.login == "lan"))
    assert (account.name, account.role) == ("Lê Lan", Role.MANAGER)


def test_the_link_goes_by_e_mail_through_the_queue_and_nobody_else_sees_it(app: Flask, session: Session) -> None:
    boss = signed_in(app, session, "boss", Role.ADMINISTRATOR)
    wrong = send(boss, NEW, NEW, name="Lan", role="viewer", agency="H61.50", email="không phải")
    assert wrong.status_code == 422 and "không phải là địa chỉ thư" in check_page(wrong).words
    page = send(boss, NEW, NEW, name="Lan", role="viewer", agency="H61.50", email="lan@vinhlong.example")
    assert "/staff/join/" not in page.text and "qua thư điện tử" in check_page(page).words
    [mail] = found(session, sa.select(Delivery).where(Delivery.subject.startswith("ACCOUNT ")))
    assert b"lan@" not in mail.payload, "it waits sealed"
    assert "lan@" not in boss.get(LIST).text


def test_a_form_cannot_give_what_its_sender_may_not_give(app: Flask, session: Session) -> None:
    manager = signed_in(app, session, "manager", Role.MANAGER, "H61.50")
    for role, agency in (("manager", "H61.50"), ("administrator", "H61.50"), ("viewer", "H61.51"), ("viewer", "H61")):
        page = send(manager, NEW, NEW, name="Lan", role=role, agency=agency, email="")
        assert page.status_code == 422, (role, agency)
    other = official(session, "other", "H61.51").id
    assert send(manager, f"{LIST}/{other}", LIST + "/new", role="viewer", agency="H61.50").status_code == 404
    assert manager.get(f"{LIST}/{other}").status_code == 404
    peer = official(session, "peer", "H61.50", Role.MANAGER).id
    assert send(manager, f"{LIST}/{peer}/suspend", NEW).status_code == 403
    assert "không được thay đổi tài khoản này" in check_page(manager.get(f"{LIST}/{peer}")).words


def test_who_is_moved_or_suspended_is_out_at_once(app: Flask, session: Session) -> None:
    boss = signed_in(app, session, "boss", Role.ADMINISTRATOR)
    viewer = signed_in(app, session, "lan", Role.VIEWER, "H61.50")
    number = accounts.named(session, "lan").id
    session.rollback()
    where = f"{LIST}/{number}"
    assert viewer.get("/staff/account").status_code == 200
    moved = send(boss, where, where, role="viewer", agency="H61.51")
    assert moved.location == f"{where}?done=changed"
    assert "Đã thay đổi vai trò hoặc đơn vị" in check_page(boss.get(moved.location)).words
    assert viewer.get("/staff/account").status_code == 302
    sign_in(viewer, "lan")
    assert send(boss, where, where, role="viewer", agency="H61.51").location == f"{where}?done=same"
    send(boss, f"{where}/suspend", where)
    assert viewer.get("/staff/account").status_code == 302
    assert sign_in(viewer, "lan").status_code == 422
    assert "bị tạm khóa" in check_page(boss.get(f"{LIST}?state=suspended")).words
    send(boss, f"{where}/resume", where)
    assert send(boss, f"{where}/unlock", where).location == f"{where}?done=unlocked"
    assert sign_in(viewer, "lan").status_code == 303
    path = link_on(send(boss, f"{where}/password", where).text)
    new = "một câu mới cũng dễ nhớ"
    check_page(viewer.get(path))
    assert "Mật khẩu mới đã có hiệu lực" in check_page(send(viewer, path, path, new=new, again=new)).words
    assert sign_in(app.test_client(), "lan", new).status_code == 303
    assert len(found(session, sa.select(StaffSession).where(StaffSession.staff_id == number))) == 1


def test_two_administrators_give_a_third_the_role(app: Flask, session: Session) -> None:
    one = signed_in(app, session, "one", Role.ADMINISTRATOR)
    number = official(session, "lan", role=Role.VIEWER).id
    where = f"{LIST}/{number}"
    assert "không còn ai khác để đồng ý" in check_page(one.get(where)).words
    two = signed_in(app, session, "two", Role.ADMINISTRATOR)
    assert send(one, where, where, role="administrator", agency="H61").location == f"{where}?done=asked"
    assert "Rút lại" in check_page(one.get(LIST)).words and "Đồng ý" not in one.get(LIST).text
    asked = found(session, sa.select(PairedRequest.id))[0]
    assert send(one, f"{LIST}/requests/{asked}", LIST, decision="agree").status_code == 403
    assert "trao vai trò “Người quản trị”" in check_page(two.get(LIST)).words
    assert send(two, f"{LIST}/requests/{asked}", LIST, decision="agree").location == f"{LIST}?done=agreed"
    assert found(session, sa.select(Staff.role).where(Staff.id == number)) == [Role.ADMINISTRATOR]
    again = send(two, f"{LIST}/requests/{asked}", LIST, decision="agree")
    assert again.status_code == 409 and "đã được quyết định" in check_page(again).words
    send(one, f"{where}/password", where)
    asked = found(session, sa.select(sa.func.max(PairedRequest.id)))[0]
    assert link_on(send(two, f"{LIST}/requests/{asked}", LIST, decision="agree").text)


def test_accounts_are_found_and_confirmed_once_a_year(app: Flask, session: Session) -> None:
    boss = signed_in(app, session, "boss", Role.ADMINISTRATOR)
    numbers = [official(session, f"a{number}", "H61.50").id for number in range(52)]
    assert "chưa được xác nhận trong" not in check_page(boss.get(LIST)).words, "they were added just now"
    session.execute(sa.update(AccountReview).values(reviewed_at=now() - dt.timedelta(days=366)))
    session.commit()
    assert "52 tài khoản chưa được xác nhận" in check_page(boss.get(LIST)).words
    assert "a51" in boss.get(f"{LIST}?q=A51").text and "a50" not in boss.get(f"{LIST}?q=A51").text
    assert "page=2" in boss.get(LIST).text and "page=1" in boss.get(f"{LIST}?page=2").text
    assert boss.get(f"{LIST}?q=niemand").status_code == 200
    form = {
        "account": [str(numbers[0]), str(numbers[1]), "x"],
        "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', boss.get(LIST).text)[1],
    }  # type: ignore[index]  # found above
    done = boss.post(f"{LIST}/review", data=form)
    assert "Đã xác nhận 2 tài khoản" in check_page(boss.get(done.location)).words
    assert "50 tài khoản chưa được xác nhận" in check_page(boss.get(LIST)).words


def test_an_interviewer_is_led_to_the_sheets_and_sees_no_figure(app: Flask, session: Session) -> None:
    client = signed_in(app, session, "phieu", Role.INTERVIEWER, "H61.50")
    led = client.get("/staff/")
    assert (led.status_code, led.location) == (302, "/staff/sheets")
    page = check_page(client.get("/staff/sheets"))
    assert "Góp ý" not in page.words and "Báo cáo" not in page.words, "the menu leads nowhere that is shut"
    for shut in ("/staff/units", "/staff/comments", "/staff/accounts", "/staff/alerts", "/staff/jobs"):
        assert client.get(shut).status_code == 403
    assert client.get("/staff/account").status_code == 200


def test_keys_and_addresses_are_added_with_a_secret_that_shows_once_and_end(app: Flask, session: Session) -> None:
    boss, path = signed_in(app, session, "boss", Role.ADMINISTRATOR), "/staff/programs"
    check_page(boss.get(path))
    key = send(boss, f"{path}/keys", path, name="Cổng", agency="H61.50", scope="counts:read")
    secret = re.search(r'id="secret">(hl_[\w-]{43})<', key.text)
    assert secret and secret[1] not in boss.get(path).text
    call = app.test_client()
    asked = {"headers": {"Authorization": f"Bearer {secret[1]}"}}
    assert call.get("/api/v1/me", **asked).status_code == 200
    for fields in ({"name": "Khác", "agency": "H61"}, {"name": "Cổng", "agency": "H61", "scope": "counts:read"}):
        refused = send(boss, f"{path}/keys", path, **fields)
        assert refused.status_code in (409, 422) and f'value="{fields["name"]}"' in refused.text
        check_page(refused)
    wanted = {"agency": "H61", "event": "period.closed"}
    hook = send(boss, f"{path}/webhooks", path, name="Báo", url="https://a.example/x", **wanted)
    assert "whsec_" in hook.text
    check_page(hook)
    for odd in ("https://a.example/\x00", "https://a.example/a b", "https://a.example/\r\nX: y"):
        assert send(boss, f"{path}/webhooks", path, name="B", url=odd, **wanted).status_code == 409
    bad = send(boss, f"{path}/webhooks", path, name="B", url="http://a.example", **wanted)
    assert bad.status_code == 409 and "http://a.example" in bad.text
    for near in (
        "http://127.0.0.1:22/",
        "https://10.0.0.5/",
        "https://169.254.169.254/",
        "https://[fd00::1]/",
        "https://db/",
    ):
        inside = send(boss, f"{path}/webhooks", path, name="B", url=near, **wanted)
        assert inside.status_code == 409 and "hailong webhook add" in inside.text, near
    send(boss, f"{path}/keys/1/revoke", path)
    assert call.get("/api/v1/me", **asked).status_code == 401
    send(boss, f"{path}/webhooks/1/remove", path)
    assert "a.example" not in check_page(boss.get(path)).words
