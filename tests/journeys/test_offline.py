"""A dead network, a killed browser, a wrong clock: no answer lost, none doubled, nothing sent without a tap."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import Channel, QuestionnaireVersion, Response
from survey.web.current_survey import forget
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.accessibility import Axe
from tests.support.browser import options, until

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]


def rows(look: Look) -> list[tuple[int, int]]:
    return [tuple(row) for row in look(sa.select(Response.overall, Response.channel).order_by(Response.id))]


@pytest.fixture
def desk(session: Session) -> str:
    """A kiosk that is switched on."""
    factories.placement(session, code="DESK01", channel=Channel.KIOSK)
    session.commit()
    return "/k/DESK01"


def kept(page: Page, count: int) -> None:
    """Wait until so many answers wait on the device."""
    for _ in range(200):
        if page.evaluate("queue.all().then((all) => all.length)") == count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not {count} answers wait, but {page.evaluate('queue.all()')}")


def choose(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def pass_seconds(page: Page, count: int) -> None:
    """Let a page's clock run a second at a time, so that replies come in between as they would."""
    for _ in range(count):
        page.clock.run_for(1_000)
        page.wait_for_timeout(20)


def ready(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    until(page, "navigator.serviceWorker.controller !== null")


def test_an_answer_sent_into_a_dead_network_waits_and_goes_once(
    site: str, link: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(offline=True)
    page.goto(site + link)
    ready(page)
    page.context.set_offline(True)
    choose(page, "Không hài lòng")
    page.get_by_text("được giữ trên máy này").wait_for()
    page.reload()
    assert page.get_by_role("heading", level=1).is_visible(), "the page opens again without a network"
    kept(page, 1)
    assert rows(look) == []
    page.context.set_offline(False)
    page.get_by_text("đã được gửi. Mã xác nhận").wait_for()
    kept(page, 0)
    page.reload()
    assert rows(look) == [(2, 1)]


def test_a_network_that_dies_without_telling_the_browser_loses_nothing(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(offline=True)
    page.goto(site + code)
    ready(page)
    page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => true })")
    page.context.set_offline(True)
    choose(page, "Hài lòng")
    page.get_by_text("Hiện không có mạng").first.wait_for()
    kept(page, 1)
    page.context.set_offline(False)
    page.get_by_text("đã được gửi. Mã xác nhận").wait_for()
    assert rows(look) == [(4, 2)]


@pytest.fixture
def one_reply_lost(app: Flask) -> None:
    """Let the first POST be recorded, and its connection be cut before the reply."""
    answer, cut = app.wsgi_app, []

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        reply = answer(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST" and not cut:
            cut.append(True)
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return reply

    app.wsgi_app = served  # type: ignore[method-assign]


@pytest.mark.usefixtures("one_reply_lost")
def test_a_reply_that_is_lost_does_not_double_the_answer(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(offline=True)
    page.goto(site + code)
    ready(page)
    choose(page, "Bình thường")
    page.get_by_text("Phiếu của Ông/Bà đã được gửi. Mã xác nhận").wait_for()
    kept(page, 0)
    assert rows(look) == [(3, 2)]


def test_nothing_is_sent_without_a_tap(site: str, link: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone()
    page.goto(site + link)
    ready(page)
    page.get_by_role("button", name="Rất hài lòng", exact=True).hover()
    page.goto(site + "/unsent")
    page.goto(site + link)
    kept(page, 0)
    assert rows(look) == []


def test_a_kiosk_keeps_answers_through_hours_without_network(
    site: str, desk: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(width=1280, offline=True)
    page.clock.install()
    page.goto(site + desk)
    ready(page)
    page.context.set_offline(True)
    for words in ("Hài lòng", "Rất không hài lòng", "Bình thường"):
        choose(page, words)
        page.locator("#thanks h2").wait_for()
        page.clock.run_for(8_000)
        page.get_by_role("button", name=words, exact=True).wait_for()
        assert not page.locator("#chosen *, .answers .chosen").count(), "nothing of the last answer is shown"
    page.reload()
    page.get_by_text("Đang lưu trên máy 3 phiếu").wait_for()
    kept(page, 3)
    page.clock.fast_forward("03:00:00")
    page.clock.set_system_time("2019-01-01T00:00:00Z")
    page.context.set_offline(False)
    pass_seconds(page, 31)
    kept(page, 0)
    pass_seconds(page, 31)
    assert sorted(rows(look)) == [(1, 3), (3, 3), (4, 3)]


def test_a_kiosk_that_stands_open_for_weeks_asks_what_is_asked_now(
    site: str, desk: str, phone: Callable[..., Page], session: Session, look: Look, app: Flask
) -> None:
    page = phone()
    page.clock.install()
    page.goto(site + desk)
    before = questionnaires.asked_now(session, questionnaires.IN_PERSON).id
    document = session.get_one(QuestionnaireVersion, before).document | {"version": "99.0"}
    later = questionnaires.publish(session, document, dt.datetime.now(dt.UTC) - dt.timedelta(days=40)).id
    session.commit()
    forget(survey_of(app))
    with page.expect_event("load"):
        page.clock.fast_forward("25:00:00")
    choose(page, "Hài lòng")
    pass_seconds(page, 8)
    kept(page, 0)
    assert look(sa.select(Response.questionnaire_id, Response.overall)) == [(later, 4)]


def test_a_kiosk_starts_again_when_nobody_is_there(site: str, desk: str, phone: Callable[..., Page]) -> None:
    page = phone(width=1280)
    page.clock.install()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(site + desk)
    page.get_by_role("link", name="English").click()
    for stays in (True, False):
        page.clock.run_for(22_000)
        warning = page.get_by_text("Are you still answering?")
        warning.wait_for()
        box = page.locator("#rest").bounding_box()
        assert box is not None and 0 < box["y"] < 800, "the countdown is in view"
        if stays:
            page.get_by_role("button", name="I am still here").click()
            assert not warning.is_visible()
    page.clock.run_for(12_000)
    page.get_by_role("button", name="Hài lòng", exact=True).wait_for()
    assert not page.locator("#idle").is_visible()


@pytest.mark.parametrize("size", [(1280, 800), (1080, 1920), (1024, 768), (800, 1280)], ids=str)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_kiosk_fits_its_screen_lying_or_upright(
    site: str, desk: str, phone: Callable[..., Page], size: tuple[int, int], language: str
) -> None:
    page = phone(width=size[0])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{site}{desk}?lang={language}")
    whole = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert page.evaluate(whole) == list(size)
    boxes = [one.bounding_box() for one in page.locator(".answers button").all()]
    assert len({(round(box["width"]), round(box["height"])) for box in boxes if box}) == 1, "all answers are equal"
    cut = "[...document.querySelectorAll('.answers button')].filter(b => b.scrollHeight > b.clientHeight).length"
    assert page.evaluate(cut) == 0
    page.locator(".answers button").first.click()
    page.locator("#thanks h2").wait_for()
    assert page.evaluate(whole) == list(size)
    undo = page.locator("#again").bounding_box()
    assert undo is not None and undo["height"] >= 80, "larger than a finger"


def test_a_wrong_touch_at_a_kiosk_is_taken_back(site: str, desk: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone(width=1280)
    page.clock.install()
    page.goto(site + desk)
    choose(page, "Rất không hài lòng")
    page.get_by_role("button", name="Bấm nhầm? Chọn lại").click()
    kept(page, 0)
    choose(page, "Rất hài lòng")
    page.get_by_text("Rất hài lòng").last.wait_for()
    assert rows(look) == [], "nothing is sent as long as it can be taken back"
    pass_seconds(page, 8)
    kept(page, 0)
    assert rows(look) == [(5, 3)]


def test_a_kiosk_works_without_scripts_and_resets(site: str, desk: str, phone: Callable[..., Page], look: Look) -> None:
    page = phone(scripts=False, width=1280)
    page.goto(site + desk)
    choose(page, "Hài lòng")
    assert "Đã ghi nhận" in page.inner_text("h1")
    assert page.locator('meta[http-equiv="refresh"]').get_attribute("content") == f"8; url={desk}"
    page.get_by_role("link", name="Người tiếp theo").click()
    assert rows(look) == [(4, 3)]


@pytest.mark.parametrize("path", ["/k/DESK01", "/unsent"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_axe_finds_nothing_on_the_kiosk(
    site: str, desk: str, phone: Callable[..., Page], path: str, language: str
) -> None:
    page = phone(width=1280)
    page.goto(f"{site}{path}?lang={language}")
    assert Axe().run(page).response["violations"] == []


def persistent(chromium: Browser, folder: Path) -> BrowserContext:
    return chromium.browser_type.launch_persistent_context(str(folder), **options())


def kill_browser(folder: Path) -> None:
    """Kill every process of the browser that keeps this profile, as a pulled plug would."""
    family = [p for p in psutil.process_iter(["cmdline"]) if str(folder) in " ".join(p.info["cmdline"] or [])]
    for process in family:
        if process.is_running():
            process.kill()
    psutil.wait_procs(family, timeout=20)


def test_an_answer_survives_the_killed_browser(
    chromium: Browser, site: str, desk: str, look: Look, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    context = persistent(chromium, profile)
    page = context.new_page()
    page.goto(site + desk)
    ready(page)
    context.set_offline(True)
    choose(page, "Không hài lòng")
    page.locator("#thanks h2").wait_for()  # shown only once it is on the disk
    killer = threading.Thread(target=kill_browser, args=(profile,))
    killer.start()
    killer.join()
    assert rows(look) == []
    with persistent(chromium, profile) as again:
        page = again.new_page()
        page.goto(site + desk)
        kept(page, 0)
        assert rows(look) == [(2, 3)]
