"""The HTML part of an invitation, as a mail program gets and shows it, and the texts that phones get."""

from __future__ import annotations

import datetime as dt
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.delivery import invitation_mail
from survey.delivery.message_text import Writer
from survey.delivery.messages import ClaimedMessage
from survey.i18n import without_marks
from survey.models import MessageKind, Respondent, State
from survey.settings import Settings
from tests.support.accessibility import Axe
from tests.support.pages import check_page
from tests.support.sending.mail import MailServer
from tests.support.sending.queued import LINH, PUBLIC, Rounds, invite_all

PROVINCE = {"vi": "Ủy ban nhân dân tỉnh Vĩnh Long", "en": "Vinh Long Province"}
WHEN = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)
LEVELS = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE = set("^{}\\[~]|€")  # of the extension table: an escape goes before


def segments(text: str) -> tuple[str, int, int]:
    """Return how a text message is coded, its length in that code, and how many parts it takes (3GPP TS 23.038)."""
    if set(text) <= GSM | TWICE:
        length = len(text) + sum(letter in TWICE for letter in text)
        return "GSM-7", length, 1 if length <= 160 else -(-length // 153)
    length = len(text.encode("utf-16-be")) // 2
    return "UCS-2", length, 1 if length <= 70 else -(-length // 67)


class Links(HTMLParser):
    """The links of a page, and everything else that would be fetched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.links.append(str(given["href"]))
        if tag in ("img", "link", "script", "iframe", "object", "video") or "src" in given or "background" in given:
            self.fetched.append(tag)


def message(**other: Any) -> ClaimedMessage:
    """An invitation as the worker has it."""
    given = {
        "kind": MessageKind.INVITATION,
        "key": "k" * 24,
        "queued_at": WHEN,
        "expires_at": WHEN + dt.timedelta(days=7),
        "respondent": Respondent.CITIZEN,
        "province": PROVINCE,
        "address": LINH.address,
        "token": "abcdefghijklmnopqrstuv",
    }
    return ClaimedMessage(**(given | other))


@pytest.fixture
def writer(client: FlaskClient, session: Session) -> Writer:
    """Who writes for this installation."""
    return Writer(PUBLIC, ["vi", "en"], invitation_mail.context(questionnaires.asked_now(session), demo=False))


def test_both_parts_arrive_and_each_answer_leads_to_the_page_with_it_marked(
    session: Session, mail: MailServer, reach: Settings, rounds: Rounds, client: FlaskClient
) -> None:
    (token,) = invite_all(session, LINH.address)
    assert rounds(reach) == {State.DELIVERED: 1}
    (sent,) = mail.received
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    html = sent.get_body(("html",))
    assert html is not None
    page = html.get_content()
    links = Links(page)
    own = f"{PUBLIC}/r/{token}"
    wanted = [
        f"{own}?lang={language}{level}"
        for language in ("vi", "en")
        for level in (*(f"&level={value}" for value in "12345"), "")
    ]
    assert links.links == wanted, "the person's own link and nothing else: nobody learns who opens it"
    assert links.fetched == []
    assert "khai sinh" not in page, "what it was about is nobody else's business"
    for words in (*LEVELS, "Very dissatisfied", "Kính gửi Ông/Bà,", "Dear Sir or Madam,", "Vinh Long Province"):
        assert words in page
    assert len(sent.as_bytes()) < 30_000, "Gmail cuts what is longer than 102 kB"
    opened = client.get(links.links[3].removeprefix(PUBLIC))
    check_page(opened)
    marked = re.findall(r'<(?:input|button)[^>]*value="(\d)"[^>]*', opened.text)
    assert "4" in marked
    assert client.get(links.links[9].removeprefix(PUBLIC)).text != opened.text


def test_a_demonstration_says_so_in_both_parts_and_a_form_of_many_pages_offers_no_answer(
    writer: Writer, session: Session
) -> None:
    full = invitation_mail.context(questionnaires.asked_now(session, questionnaires.FULL), demo=True)
    written = Writer(PUBLIC, ["vi", "en"], full).write(message())
    assert "Dữ liệu minh họa" in written.html
    assert written.body.startswith("Dữ liệu minh họa")
    assert Links(written.html).links == [f"{PUBLIC}/r/abcdefghijklmnopqrstuv?lang={code}" for code in ("vi", "en")]
    assert "Rất hài lòng" not in written.html
    real = writer.write(message())
    assert "Dữ liệu minh họa" not in real.html + real.body
    assert real.html == writer.write(message()).html


def test_a_name_is_text_and_never_mark_up(writer: Writer) -> None:
    sly = {"vi": 'Tỉnh <script>alert(1)</script> & "A"', "en": "<b>A</b>"}
    page = writer.write(message(province=sly)).html
    assert "<script" not in page
    assert "&lt;b&gt;A&lt;/b&gt;" in page


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_reads_well_in_a_narrow_and_a_wide_window_by_day_and_by_night(
    writer: Writer, chromium: Browser, scheme: Any, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    page.set_content(writer.write(message()).html)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [link.bounding_box() for link in page.locator("table table a[href*=level]").all()]
    assert len(boxes) == 10
    assert {round(box["width"]) for box in boxes if box} == {min(width, 560) - 40}
    assert all(box and box["height"] >= 48 for box in boxes)
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag2aaa"]})
    assert found.violations_count == 0, found.generate_report()
    if folder := os.environ.get("HAILONG_PICTURES"):
        page.screenshot(path=Path(folder) / f"mail_{scheme}_{width}.png", full_page=True)
    context.close()


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("kind", [MessageKind.INVITATION, MessageKind.REMINDER])
@pytest.mark.parametrize("respondent", list(Respondent))
def test_texts_for_phones_address_the_person_and_stay_within_their_parts(
    writer: Writer, kind: MessageKind, respondent: Respondent, capsys: pytest.CaptureFixture[str]
) -> None:
    short = writer.write(message(kind=kind, respondent=respondent)).short
    called = "Quý doanh nghiệp" if respondent == Respondent.BUSINESS else "Ông/Bà"
    assert f"kính mời {called} đánh giá dịch vụ công vừa sử dụng: {PUBLIC}/r/" in short["vi"]
    texts = {"vi": short["vi"], "vi without marks": without_marks(short["vi"]), "en": short["en"]}
    with capsys.disabled():
        for name, text in texts.items():
            code, length, parts = segments(text)
            print(f"\n{kind.name} {respondent.name} {name}: {code}, {length}, {parts} SMS", end="")
    assert segments(texts["vi"])[::2] == ("UCS-2", 3)
    assert segments(texts["vi without marks"])[0] == segments(texts["en"])[0] == "GSM-7"
    assert segments(texts["vi without marks"])[2] == segments(texts["en"])[2] == 1


def test_segments_are_counted_as_the_standard_does() -> None:
    assert segments("a" * 160) == ("GSM-7", 160, 1)
    assert segments("a" * 161) == ("GSM-7", 161, 2)
    assert segments("€" * 81) == ("GSM-7", 162, 2)
    assert segments("ă" * 70) == ("UCS-2", 70, 1)
    assert segments("ă" * 71) == ("UCS-2", 71, 2)
    assert segments("ă" * 135) == ("UCS-2", 135, 3)
