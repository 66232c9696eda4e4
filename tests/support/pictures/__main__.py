"""Take the pictures: `python -m tests.support.pictures [NAME …]`; without names, of every page.

The product runs on a copy of the demonstration (`make demo-data`), so nothing that is pressed is left in it. Every page
goes to build/pictures in both widths and languages, what the documents show is cut from them into docs/.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, FloatRect
from playwright.sync_api import Page as Tab

from survey.db.engine import Database
from survey.demo import addresses, apologies
from survey.environment import load
from survey.i18n import languages
from survey.models import Apology
from survey.periods import now
from survey.settings import ROOT, Settings
from tests.support.browser import launched
from tests.support.faults.running import end_whole, running
from tests.support.pictures.pages import SIGN_IN, PictureWay, name_of, pages
from tests.support.pictures.shown import DESK, SHOWN, WIDTHS, Shown

FOLDER = ROOT / "build" / "pictures"
HEIGHT = 800
# As where the product is in use: letters are drafted and there is a way for them. No worker runs, so none is sent.
IN_USE = {
    "HAILONG_APOLOGIES": "on",
    "HAILONG_SMTP_HOST": "127.0.0.1",
    "HAILONG_MAIL_FROM": "hailong@example.vn",
}


def main(names: list[str]) -> int:
    """Take the pictures of the pages of these names, or of all; a name that no page has is refused."""
    every = pages()
    unknown = [name for name in names if name not in every]
    if unknown:
        print(f"no page {', '.join(unknown)}; there are: {', '.join(every)}", file=sys.stderr)
        return 2
    os.environ |= IN_USE
    with copied(load()) as settings, running(settings) as server, launched() as browser:
        walk = Walk(browser, server.url, settings)
        for name in names or every:
            for language in languages():
                walk.take(every[name], language)
            print(name, flush=True)
    print(f"{FOLDER}: every page; docs/: what the documents show")
    return 0


@contextmanager
def copied(settings: Settings) -> Iterator[Settings]:
    """Copy the demonstration to a folder that is gone afterwards, and say how the product finds it."""
    if not addresses.read(settings.instance):
        raise SystemExit("There is no demonstration: run `make demo-data` first.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(settings.instance / "demo.json", folder / "demo.json")
        with (
            closing(sqlite3.connect(settings.instance / "hailong.db")) as kept,
            closing(sqlite3.connect(folder / "hailong.db")) as copy,
        ):
            kept.backup(copy)
        own = replace(settings, database_url=f"sqlite:///{folder}/hailong.db", instance=folder)
        _write_letters(own)
        yield own


def _write_letters(settings: Settings) -> None:
    """Let the demonstration's offices write letters of apology, unless it was made with them."""
    database = Database(settings.database_url)
    with database.session(writes=True) as session:
        if not session.scalar(sa.select(sa.exists().where(Apology.id > 0))):
            apologies.write_some(session, settings.secret_key, now())
        session.commit()
    database.dispose()


class Walk:
    """A visitor and an official of the demonstration, each in a browser of their own."""

    def __init__(self, browser: Browser, url: str, settings: Settings) -> None:
        """Begin at the address of a running product, whose demonstration says who may sign in."""
        demo = addresses.read(settings.instance)
        self._url = url
        self._visitor, self._official = browser.new_page(), browser.new_page()
        self._places = {
            "open": _path(demo["open_url"]),
            "invitation": _path(demo["invitation_urls"][0]),
            "receipt": "/receipt",
        }
        for tab in (self._visitor, self._official):
            tab.set_viewport_size({"width": DESK, "height": HEIGHT})
        self._sign_in(demo["staff"])
        self._prepare()

    def take(self, page: PictureWay, language: str) -> None:
        """Open a page in a language and take it at every width, and what the documents show of it."""
        tab = self._visitor if page.start == SIGN_IN or not page.name.startswith("staff") else self._official
        self._open(tab, page, language)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": HEIGHT})
            FOLDER.mkdir(parents=True, exist_ok=True)
            tab.screenshot(path=FOLDER / f"{page.name}-{width}-{language}.png", full_page=True, animations="disabled")
            for path, shown in SHOWN.items():
                if (shown.page, shown.width, shown.language) == (page.name, width, language):
                    _cut(tab, shown, ROOT / "docs" / path)
        tab.set_viewport_size({"width": DESK, "height": HEIGHT})

    def _open(self, tab: Tab, page: PictureWay, language: str) -> None:
        address = page.start.format(**self._places)
        for link in page.links:
            self._go(self._official, address, language)
            named = self._official.locator(link).first.get_attribute("href", timeout=5_000)
            assert named is not None, f"{page.name}: no {link}"
            address = _path(named)
        self._go(tab, address, language)
        if page.press:
            tab.locator(page.press).first.click()
        tab.wait_for_load_state("networkidle")

    def _go(self, tab: Tab, path: str, language: str) -> None:
        path, _, _part = path.partition("#")
        reply = tab.goto(f"{self._url}{path}{'&' if '?' in path else '?'}lang={language}")
        assert reply is not None and reply.ok, f"{path}: {reply and reply.status}"

    def _sign_in(self, account: dict[str, str]) -> None:
        tab = self._official
        tab.goto(f"{self._url}{SIGN_IN}")
        tab.fill("[name=login]", account["login"])
        tab.fill("[name=password]", account["password"])
        tab.click("main button")
        tab.wait_for_url(f"{self._url}/staff/**")

    def _prepare(self) -> None:
        """Ask for a report, begin a draft, open a kiosk, leave an answer: pages about them need something to show."""
        self._go(self._official, "/staff/", "vi")
        self._official.click("form[action='/staff/report'] button")
        self._go(self._official, "/staff/questionnaires/", "vi")
        self._official.locator("form[action$='/draft'] button").first.click()
        self._official.wait_for_selector("form#draft")
        self._places["draft"] = self._official.url.rpartition("/")[2].partition("?")[0]
        question = self._official.locator("form#draft textarea[name$='/vi']").first
        question.evaluate("field => { field.value += ' (tính cả lần đầu)' }")
        self._official.click("form#draft .bars button >> nth=0")
        self._official.wait_for_selector(".done")
        self._go(self._official, "/staff/placements", "vi")
        self._official.locator("tr:has(a[href*='/k/']) form button").first.click()
        thanks = pages()[f"{name_of('/q/<code>')}-thanks"]
        self._open(self._visitor, thanks, "vi")
        self._places["receipt"] = _path(self._visitor.locator("a[href*='/receipt/']").first.get_attribute("href") or "")


def _cut(tab: Tab, shown: Shown, path: Path) -> None:
    tab.evaluate("scrollTo(0, 0)")
    box = tab.locator(shown.top).first.bounding_box()
    assert box is not None, f"{path.name}: no {shown.top}"
    top = max(0, box["y"] - 8)
    height = min(shown.height, tab.evaluate("document.documentElement.scrollHeight") - top)
    clip: FloatRect = {"x": 0, "y": top, "width": shown.width, "height": height}
    path.parent.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=path, full_page=True, animations="disabled", clip=clip)


def _path(address: str) -> str:
    return "/" + address.split("://", 1)[-1].partition("/")[2] if "://" in address else address


if __name__ == "__main__":
    end_whole()
    sys.exit(main(sys.argv[1:]))
