"""Citizens' pages in Khmer script, from a catalogue that nobody can read: tall letters, long lines, no spaces."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.settings import ROOT, Settings
from tests.support import translation

# A consonant with a sign below or above it for each letter: as high and as wide as the script becomes.
LETTERS = {ord(letter): khmer for letter, khmer in zip("aeiouctnsrlyh", "ាីុេះចតនសរលយហ", strict=True)}
LETTERS |= {ord(letter): "ក្រើ" for letter in "bdfgjkmpqvwxz"} | {ord(" "): ""}
CUT = """() => [...document.querySelectorAll('h1, h2, button, summary, legend, label, p')]
  .filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1 && !one.classList.contains('unseen'))
  .map(one => one.innerText)"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    folder = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", folder)
    (folder / "km" / "LC_MESSAGES" / "frame.po").unlink()
    (folder / "km" / "LC_MESSAGES").rmdir()
    monkeypatch.setattr(translation, "LETTERS", LETTERS)
    translation.pseudo(folder, "km")
    return dataclasses.replace(settings, translations=folder)


def test_nothing_is_cut_or_pushed_sideways(session: Session, site: str, link: str, phone: Callable[..., Page]) -> None:
    translation.publish_pseudo(session, "km")
    session.commit()
    page = phone(scripts=False)

    def looked() -> None:
        assert page.evaluate("document.documentElement.lang") == "km"
        assert any("\u1780" <= sign <= "\u17ff" for sign in page.inner_text("main"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate(CUT) == []

    page.goto(f"{site}{link}?lang=km")
    looked()
    boxes = [one.bounding_box() for one in page.locator(".answers button").all()]
    assert len({(box["width"], box["height"]) for box in boxes if box}) == 1, "all answers are equal"
    page.locator(".answers button").nth(1).click()
    page.locator(".done").wait_for()
    looked()
    page.locator(".longer button").click()
    page.locator(".step").wait_for()
    looked()
    page.goto(f"{site}/?lang=km")
    looked()
