"""Storage that never answers, a network that is not what the browser says: the answer goes, as without scripts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page

from survey.models import Response
from tests.journeys.test_offline import Look, choose, desk, kept, pass_seconds, rows
from tests.support.browser import until

__all__ = ["desk"]
SILENT_STORAGE = "IDBFactory.prototype.open = () => new EventTarget();"
NO_ONLINE_EVENT = "addEventListener('online', (event) => event.stopImmediatePropagation(), true);"
NEVER_ONLINE = "Object.defineProperty(navigator, 'onLine', { get: () => false });"
# The caches answer once, when the worker is installed, and never again.
SILENT_CACHES = """
const open = caches.open.bind(caches);
let asked = 0;
CacheStorage.prototype.open = (name) => (asked++ ? new Promise(() => {}) : open(name));
CacheStorage.prototype.match = CacheStorage.prototype.keys = () => new Promise(() => {});
"""
COUNTED = sa.select(Response.overall).where(Response.counted).order_by(Response.id)


@pytest.fixture
def holding(app: Flask) -> Iterator[threading.Event]:
    """Let the first POST hang, without a reply, until the event is set; the event says so to the server's thread."""
    answer, first, release = app.wsgi_app, threading.Lock(), threading.Event()

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["REQUEST_METHOD"] == "POST" and first.acquire(blocking=False):
            release.wait(60)
        return answer(environ, start_response)

    app.wsgi_app = served  # type: ignore[method-assign]
    yield release
    release.set()


def answered(look: Look, expected: list[int], page: Page) -> None:
    """Wait until these answers count."""
    for _ in range(200):
        if [overall for (overall,) in look(COUNTED)] == expected:
            return
        page.wait_for_timeout(50)
    assert look(COUNTED) == expected


def test_storage_that_never_answers_does_not_hold_an_answer(
    site: str, link: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone()
    page.add_init_script(SILENT_STORAGE)
    page.goto(site + link)
    choose(page, "Hài lòng")
    page.get_by_text("Đã ghi nhận").wait_for(timeout=10_000)
    assert rows(look) == [(4, 1)]


def test_storage_that_never_answers_does_not_hold_a_kiosk(
    site: str, desk: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(width=1280)
    page.add_init_script(SILENT_STORAGE)
    page.goto(site + desk)
    choose(page, "Hài lòng")
    page.get_by_role("link", name="Người tiếp theo").wait_for(timeout=10_000)
    assert rows(look) == [(4, 3)]


def test_storage_that_answers_too_late_doubles_no_answer_of_a_kiosk(
    site: str, desk: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(width=1280)
    late = "const open = IDBFactory.prototype.open; IDBFactory.prototype.open = function (...all) {"
    late += " const until = Date.now() + 2500; const request = open.apply(this, all); const told = new EventTarget();"
    late += " for (const sign of ['upgradeneeded', 'success']) request.addEventListener(sign, () =>"
    late += " sign === 'success' ? setTimeout(() => { told.result = request.result; told.onsuccess?.(); }, 2500)"
    late += " : (told.result = request.result, told.onupgradeneeded?.())); return told; };"
    page.add_init_script(late)
    page.goto(site + desk)
    choose(page, "Hài lòng")
    page.get_by_role("link", name="Người tiếp theo").wait_for(timeout=10_000)
    page.goto(site + desk)
    page.wait_for_timeout(3_500)
    assert rows(look) == [(4, 3)]


def test_caches_that_never_answer_hold_no_page(
    app: Flask, site: str, link: str, phone: Callable[..., Page], look: Look
) -> None:
    answer = app.wsgi_app

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != "/sw.js":
            return answer(environ, start_response)
        script = b"".join(answer(environ, lambda *_head: None))
        start_response("200 OK", [("Content-Type", "text/javascript")])
        return [SILENT_CACHES.encode() + script.replace(b'"use strict";', b"", 1)]

    app.wsgi_app = served  # type: ignore[method-assign]
    page = phone()
    page.goto(site + link)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload(timeout=10_000)
    until(page, "navigator.serviceWorker.controller !== null")
    page.reload(timeout=10_000)
    choose(page, "Hài lòng")
    page.get_by_text("Đã ghi nhận").wait_for(timeout=10_000)
    assert rows(look) == [(4, 1)]


def test_an_answer_is_tried_though_the_browser_says_that_there_is_no_network(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone()
    page.add_init_script(NEVER_ONLINE)
    page.goto(site + code)
    choose(page, "Hài lòng")
    page.get_by_text("đã được gửi. Mã xác nhận").wait_for()
    kept(page, 0)
    assert rows(look) == [(4, 2)]


def test_a_network_that_returns_unannounced_is_noticed(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone(offline=True)
    page.add_init_script(NO_ONLINE_EVENT)
    page.clock.install()
    page.goto(site + code)
    page.context.set_offline(True)
    choose(page, "Hài lòng")
    page.get_by_text("được giữ trên máy này").wait_for()
    page.context.set_offline(False)
    pass_seconds(page, 31)
    page.get_by_text("đã được gửi. Mã xác nhận").wait_for()
    assert rows(look) == [(4, 2)]


def test_one_answer_that_hangs_does_not_hold_the_next_at_a_kiosk(
    site: str, desk: str, phone: Callable[..., Page], look: Look, holding: threading.Event
) -> None:
    page = phone(width=1280)
    page.clock.install()
    page.goto(site + desk)
    for words in ("Không hài lòng", "Rất hài lòng"):
        choose(page, words)
        page.locator("#thanks h2").wait_for()
        page.clock.run_for(8_000)
        page.get_by_role("button", name=words, exact=True).wait_for()
    pass_seconds(page, 48)
    kept(page, 0)
    assert sorted(rows(look)) == [(2, 3), (5, 3)]
    holding.set()
    page.wait_for_timeout(500)
    assert sorted(rows(look)) == [(2, 3), (5, 3)], "the one that hung comes too, and counts once"


def test_an_answer_changed_while_it_is_on_its_way_is_sent_as_it_was_changed(
    site: str, code: str, phone: Callable[..., Page], look: Look, holding: threading.Event
) -> None:
    page = phone()
    page.add_init_script(NEVER_ONLINE)
    page.clock.install()
    page.goto(site + code)
    choose(page, "Không hài lòng")
    page.get_by_text("được giữ trên máy này").wait_for()
    choose(page, "Rất hài lòng")
    until(page, "queue.all().then(all => all[0].fields.some(f => f[0] === 'S1' && f[1] === '5'))")
    holding.set()
    answered(look, [2], page)
    page.wait_for_timeout(300)
    pass_seconds(page, 31)
    answered(look, [5], page)
    kept(page, 0)


def test_a_second_tap_is_taken_when_no_reply_has_come(
    site: str, code: str, phone: Callable[..., Page], look: Look, holding: threading.Event
) -> None:
    page = phone()
    page.goto(site + code)
    # From within: whatever else is asked of a page waits until the reply to its first tap has come.
    tap = "document.querySelector('.answers [value=\"4\"]').click()"
    page.evaluate(f"for (const at of [0, 5500]) setTimeout(() => {tap}, at)")
    page.get_by_text("Đã ghi nhận").wait_for(timeout=10_000)
    assert rows(look) == [(4, 2)]


def test_a_page_that_stands_in_for_another_says_that_nothing_is_kept(site: str, phone: Callable[..., Page]) -> None:
    for script in ("", SILENT_STORAGE):
        page = phone()
        page.add_init_script(script)
        page.goto(site + "/unsent")
        page.get_by_text("xin quay lại và gửi lại").wait_for(timeout=10_000)


def test_whoever_goes_back_to_an_open_page_corrects_that_answer(
    site: str, code: str, phone: Callable[..., Page], look: Look
) -> None:
    page = phone()
    page.goto(site + code)
    choose(page, "Không hài lòng")
    page.get_by_text("Đã ghi nhận").wait_for()
    page.wait_for_url("**/receipt/*")
    page.go_back()
    until(page, "history.state !== null && history.state.key !== undefined")
    choose(page, "Rất hài lòng")
    page.get_by_text("Đã ghi nhận").wait_for()
    answered(look, [5], page)
    page.goto(site + code)  # the code is read again: another person
    choose(page, "Bình thường")
    page.get_by_text("Đã ghi nhận").wait_for()
    answered(look, [5, 3], page)
