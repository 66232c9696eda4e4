"""The page of issuing data: looked at first, saved by managers of the agency and above, and nobody else's business."""

from __future__ import annotations

import re

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.models import IssuingVersion, Role
from tests.support.officials import official, send, sign_in
from tests.support.pages import check_page

PAGE = "/staff/issuing"
ENTRY = {
    "agency": "H61.50",
    "symbol": "BC-UBND",
    "place": "Long Châu",
    "addressees": "Ủy ban nhân dân tỉnh",
    "signing": "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH",
    "position": "Phó Chủ tịch",
    "signer": "Nguyễn <b>Văn</b> An",
    "recipients": "CT, các PCT",
    "drafting_unit": "KSTT",
}


def rows(session: Session) -> int:
    number = session.scalar(sa.select(sa.func.count()).select_from(IssuingVersion))
    session.rollback()
    return number or 0


def test_a_manager_looks_first_then_saves_and_the_page_shows_it(client: FlaskClient, session: Session) -> None:
    official(session, "chu", "H61.50", Role.MANAGER)
    sign_in(client, "chu")
    words = check_page(client.get(PAGE)).words
    assert "TM. ỦY BAN NHÂN DÂN" in words and "gợi ý theo tên đơn vị" in words
    preview = send(client, PAGE, PAGE, **ENTRY, act="preview")
    words = check_page(preview).words
    assert "PHÓ CHỦ TỊCH" in words and "Nguyễn <b>Văn</b> An" in words and "Chưa lưu thay đổi nào" in words
    assert rows(session) == 0
    assert send(client, PAGE, PAGE, **ENTRY, act="save").status_code == 303
    saved = client.get(f"{PAGE}?saved=yes")
    check_page(saved)
    words = " ".join(re.sub(r"<[^>]+>", " ", saved.text).split())
    for printed in (
        "Số: ……/BC-UBND",
        "Long Châu, ngày …… tháng",
        "Kính gửi: Ủy ban nhân dân tỉnh",
        "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH",
        "- Như trên; - CT, các PCT; - Lưu: VT, KSTT.",
        "đang sử dụng",
    ):
        assert printed in words, printed
    assert rows(session) == 1
    send(client, PAGE, PAGE, **ENTRY, act="save")
    assert rows(session) == 1, "nothing was changed"


def test_a_fault_gives_the_form_back_filled_in(client: FlaskClient, session: Session) -> None:
    official(session, "chu", "H61.50", Role.MANAGER)
    sign_in(client, "chu")
    reply = send(client, PAGE, PAGE, **ENTRY | {"symbol": "x" * 41}, act="save")
    assert reply.status_code == 422 and "x" * 41 in reply.text and "CT, các PCT" in reply.text
    assert rows(session) == 0


def test_the_province_enters_for_a_unit_and_a_unit_for_no_other(client: FlaskClient, session: Session) -> None:
    official(session, "tinh", "H61", Role.MANAGER)
    official(session, "khac", "H61.51", Role.MANAGER)
    official(session, "xem", "H61.50", Role.VIEWER)
    sign_in(client, "tinh")
    assert send(client, PAGE, PAGE, **ENTRY, act="save").status_code == 303
    assert 'value="H61.50" selected' in client.get(f"{PAGE}?agency=H61.50").text
    sign_in(client, "khac")
    assert client.get(f"{PAGE}?agency=H61.50").status_code == 404
    assert send(client, PAGE, PAGE, **ENTRY, act="save").status_code == 404
    sign_in(client, "xem")
    page = client.get(PAGE)
    assert "Nguyễn &lt;b&gt;Văn" in page.text and 'name="symbol"' not in page.text
    assert send(client, PAGE, "/staff/account", **ENTRY, act="save").status_code == 403
    assert rows(session) == 1
