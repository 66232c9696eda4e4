"""A language in the making: its frame holds every text of today, keeps what was translated, is offered to nobody."""

from __future__ import annotations

import shutil
from pathlib import Path

from babel.messages.pofile import read_po, write_po
from flask.testing import FlaskClient

from survey.i18n import languages
from survey.i18n.extraction import FRAME, extracted, update
from survey.settings import ROOT

KHMER = ROOT / "translations" / "km" / "LC_MESSAGES" / FRAME


def test_khmer_is_there_to_be_translated_and_offered_to_nobody(client: FlaskClient, code: str) -> None:
    assert KHMER.exists() and languages() == ["vi", "en"]
    for path in (code, "/"):
        assert 'lang="km"' not in client.get(path).text
        assert '<html lang="vi">' in client.get(f"{path}?lang=km").text


def test_the_frame_holds_every_text_of_today() -> None:
    with KHMER.open("rb") as file:
        frame = read_po(file, "km")
    assert {message.id for message in frame} == {message.id for message in extracted()}
    assert frame.num_plurals == 1


def test_what_is_translated_stays_and_becomes_a_language_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", folder)
    path = folder / "km" / "LC_MESSAGES" / FRAME
    with path.open("rb") as file:
        frame = read_po(file, "km")
    frame["Send"].string = "ផ្ញើ"
    with path.open("wb") as file:
        write_po(file, frame)
    assert "km" not in update(folder), "a frame lacks nothing"
    with path.open("rb") as file:
        assert read_po(file, "km")["Send"].string == "ផ្ញើ"
    path.rename(path.with_name("messages.po"))
    assert languages(folder) == ["vi", "en", "km"]
    assert len(update(folder)["km"]) > 1000, "and then it is said what it lacks"
