"""Link previews, scanners and prefetchers read a link before a person does: they use nothing up, and learn nothing."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from survey.models import Channel
from survey.settings import Settings
from survey.web.survey import survey_of
from tests.support import dumps, factories
from tests.support.faults.people import Sheet, open_page, request
from tests.support.faults.restarted import forked
from tests.support.faults.running import Running

AGENTS = {
    "Zalo": "Mozilla/5.0 (compatible; ZaloPreviewBot/1.0; +https://zalo.me)",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Telegram": "TelegramBot (like TwitterBot)",
    "Viber": "Viber/13.3.0.22 CFNetwork/1121.2.2 Darwin/19.3.0",
    "WhatsApp": "WhatsApp/2.23.20.0 A",
    "iMessage": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
    "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Outlook Safe Links": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/114.0.0.0 Safari/537.36 Edg/114.0.1823.43 SafeLinks",
    "Gmail image proxy": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Antivirus": "Mozilla/5.0 (compatible; Kaspersky Web Anti-Virus URL scanner)",
    "Google prefetch": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Mobile Safari/537.36 (compatible; Google-Read-Aloud; Chrome Privacy Preserving Prefetch Proxy)",
}
PLAIN = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en", "Accept-Encoding": "gzip"}
HEADERS: dict[str, dict[str, str]] = {
    "plain": PLAIN,
    "Purpose": {**PLAIN, "Purpose": "prefetch"},
    "Sec-Purpose": {**PLAIN, "Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Site": "cross-site"},
    "X-Moz": {**PLAIN, "X-Moz": "prefetch", "Sec-Fetch-Mode": "no-cors"},
    "Range, no Accept": {"Range": "bytes=0-524287", "Connection": "close"},
}
OF_THE_CASE = (
    "khai sinh",
    "Hộ tịch",
    "phường Trà Vinh",
    "H61.50",
    "1.001193",
    "Birth",
    "Civil status",
    "Tra Vinh Ward",
)
ONCE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # a browser sees no database
SECONDS = 2.0
# What a scanner does that renders a page: it looks into everything, scrolls, waits, and never presses anything.
SCAN = """async (seconds) => {
  const all = [...document.querySelectorAll("*")];
  const seen = all.map((e) => [e.tagName, e.textContent.length, getComputedStyle(e).display]);
  for (const form of document.forms) [...new FormData(form)].forEach(([name, value]) => seen.push([name, value]));
  for (const kind of ["mousemove", "scroll", "focus", "blur", "visibilitychange", "pagehide", "pageshow", "online"])
    for (const at of [window, document, document.body]) at.dispatchEvent(new Event(kind, {bubbles: true}));
  for (const field of document.querySelectorAll("input, textarea, button, summary")) { field.focus(); field.blur(); }
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    window.scrollBy(0, 200);
    await new Promise((done) => setTimeout(done, 50));
  }
  await fetch(location.href, {method: "HEAD"});
  return seen.length;
}"""


@dataclass
class Place:
    """A running server with an invitation, an open code and a kiosk, and what its database held before."""

    server: Running
    app: Flask
    paths: tuple[str, ...]
    before: dumps.Rows

    def unchanged(self) -> bool:
        return dumps.rows(survey_of(self.app).database) == self.before

    def person_succeeds(self, path: str) -> bool:
        """A person opens the page and answers, at the first try; and the comparison sees such a thing."""
        sheet, before = Sheet(path, 4), self.answers()
        open_page(self.server.port, sheet)
        status, _page = request(self.server.port, "POST", path, urlencode({**sheet.fields, "S1": "4"}))
        return status == 200 and self.answers() == before + 1 and not self.unchanged()

    def answers(self) -> int:
        return len(dumps.rows(survey_of(self.app).database)["response"])


@pytest.fixture
def place(app: Flask, settings: Settings, session: Session) -> Iterator[Place]:
    token = factories.invitation(session)
    factories.placement(session, code="TESTQR")
    factories.placement(session, code="TESTKS", channel=Channel.KIOSK).enabled = True
    session.commit()
    with forked(settings) as server:
        yield Place(server, app, (f"/r/{token}", "/q/TESTQR", "/k/TESTKS"), dumps.rows(survey_of(app).database))


def look(port: int, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, headers=headers)
        with connection.getresponse() as reply:
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()


def test_no_preview_prefetch_or_scanner_uses_anything_up(place: Place) -> None:
    """Each program by plain headers and by one way more to ask ahead: no page of ours looks at both together."""
    ahead = itertools.cycle(HEADERS.values())
    asked = [(agent, sent) for agent in AGENTS.values() for sent in (PLAIN, next(ahead))]
    for (agent, sent), method, path in itertools.product(asked, ("GET", "HEAD"), place.paths):
        status, headers, body = look(place.server.port, method, path, {**sent, "User-Agent": agent})
        assert status == 200, (agent, sent, method, path)
        assert headers["cache-control"] == "no-store", "a prefetched form must not be shown twice"
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert "set-cookie" not in headers and "location" not in headers
        assert bool(body) == (method == "GET")
    assert place.unchanged()
    assert all(place.person_succeeds(path) for path in place.paths)


@ONCE
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_scanner_in_a_real_browser_uses_nothing_up(place: Place, chromium: Browser, scripts: bool) -> None:
    sent, followed = list[str](), set[str]()
    with chromium.new_context(java_script_enabled=scripts, user_agent=AGENTS["Outlook Safe Links"]) as context:
        page = context.new_page()
        page.on("request", lambda asked: sent.append(asked.method))
        for path in place.paths:
            page.goto(place.server.url + path)
            if scripts:
                assert page.evaluate(SCAN, SECONDS) > 20
                page.reload()
                page.go_back()
            links = page.evaluate("[...document.links].map((a) => a.href)")
            for address in {link for link in links if link.startswith(place.server.url)} - followed:
                followed.add(address)
                page.goto(address)
                page.wait_for_load_state("networkidle")
    assert set(sent) <= {"GET", "HEAD"}
    assert len(sent) >= 2 * len(place.paths)
    assert place.unchanged()
    assert all(place.person_succeeds(path) for path in place.paths)


@ONCE
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_preview_says_nothing_of_the_case(place: Place, language: str) -> None:
    for path in place.paths[:2]:
        _status, headers, body = look(place.server.port, "GET", f"{path}?lang={language}", {})
        page = body.decode()
        head, _, rest = page.partition("</head>")
        assert 'property="og:title"' in head and 'property="og:description"' in head
        assert not [word for word in OF_THE_CASE if word in head], "a chat shows this to everybody in it"
        assert "og:url" not in head and path.split("/")[2] not in head, "nor the link itself, to be copied on"
        assert [word for word in OF_THE_CASE if word in rest], "the person is told"
        assert not [name for name, value in headers.items() if "khai" in value or path in value]
