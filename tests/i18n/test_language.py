"""The language in use: said by whoever starts something, and never guessed."""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from survey import i18n
from survey.errors import NotFound
from survey.i18n import NoLanguage, speaking
from survey.results import verdict_text
from survey.settings import SettingsError
from tests.support.figures import STANDARD, assessed

DAY = dt.date(2026, 2, 5)
NEEDING: dict[str, Callable[[], object]] = {
    "current_language": i18n.current_language,
    "gettext": lambda: i18n.gettext("Viewer"),
    "ngettext": lambda: i18n.ngettext("%(number)s poster", "%(number)s posters", 2, number="2"),
    "lazy_gettext": lambda: str(i18n.lazy_gettext("Viewer")),
    "text": lambda: i18n.text({"vi": "xã", "en": "commune"}),
    "number": lambda: i18n.number(1234),
    "percent": lambda: i18n.percent(0.95),
    "date": lambda: i18n.date(DAY),
    "sentence": lambda: verdict_text.sentence(assessed(475, 500), STANDARD),
}


def alone(call: Callable[[], object]) -> list[object]:
    """Run a call in a thread of its own, which begins without a language; return its outcome."""
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(call())
        except NoLanguage as error:
            outcomes.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcomes


@pytest.mark.parametrize("name", NEEDING)
def test_what_needs_a_language_fails_where_none_is_in_use(name: str) -> None:
    with speaking("vi"):  # of this thread, not of the next
        [outcome] = alone(NEEDING[name])
    assert isinstance(outcome, NoLanguage) and "survey.i18n.speaking" in str(outcome)


def test_a_sentence_is_all_in_one_language() -> None:
    sentences = {}
    for language in ("vi", "en"):
        with speaking(language):
            sentences[language] = verdict_text.sentence(assessed(475, 500), STANDARD)
    assert sentences["vi"].startswith("Đạt. 475/500 phiếu hài lòng (95,0%; khoảng tin cậy 95%: 92,7%–96,8%).")
    assert sentences["en"].startswith(
        "Met. 475 of 500 answers are satisfied (95.0%; 95% confidence interval: 92.7%–96.8%)."
    )
    assert "answers" not in sentences["vi"] and "95,0" not in sentences["en"]


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("vi", ["Người xem", "xã", "1.234", "95,0%", "05/02/2026"]),
        ("en", ["Viewer", "commune", "1,234", "95.0%", "5 February 2026"]),
    ],
)
def test_words_texts_numbers_and_days_follow_the_language_in_use(language: str, written: list[str]) -> None:
    word = i18n.lazy_gettext("Viewer")
    with speaking("en" if language == "vi" else "vi"):
        assert str(word) != written[0], "what is lazy is said anew each time"
        with speaking(language):
            here = [str(word), i18n.text({"vi": "xã", "en": "commune"}), i18n.number(1234), i18n.percent(0.95)]
            assert [*here, i18n.date(DAY)] == written
        assert str(word) != written[0], "and the language before comes back"


def test_a_language_can_be_changed_on_the_way_and_all_of_it_ends_at_once() -> None:
    with speaking("vi"):
        before = i18n.use("en")
        i18n.use("vi")
        i18n.use("en")
        assert i18n.current_language() == "en"
        i18n.restore(before)
        assert i18n.current_language() == "vi"
    with pytest.raises(NoLanguage):
        i18n.current_language()


def test_a_fault_within_ends_the_language_too() -> None:
    with pytest.raises(ZeroDivisionError), speaking("vi"):
        raise ZeroDivisionError
    with pytest.raises(NoLanguage):
        i18n.current_language()


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(FileNotFoundError), speaking("xx"):
        pass


def test_what_somebody_typed_stands_in_an_error_in_one_spelling() -> None:
    error = NotFound("There is no agency with the code %(code)s.", code="a\u0300\u202e\x07", position=3)
    with speaking("en"):
        assert i18n.error_text(error) == "There is no agency with the code \u00e0."
        assert i18n.error_text(NotFound("100 % of nothing")) == "100 % of nothing"


def test_a_language_said_within_another_speaks_from_the_same_folder(tmp_path: Path) -> None:
    shutil.copytree(i18n.FOLDER, tmp_path / "translations")
    path = tmp_path / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    path.write_text(path.read_text(encoding="utf-8").replace('msgstr "Viewer"', 'msgstr "Onlooker"'), encoding="utf-8")
    with speaking("vi", tmp_path / "translations"), speaking("en"):
        assert i18n.gettext("Viewer") == "Onlooker"
    with speaking("en"):
        assert i18n.gettext("Viewer") == "Viewer"


def test_a_folder_without_the_default_language_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"HAILONG_TRANSLATIONS is .*; this folder has no catalogue vi/"):
        i18n.languages(tmp_path)


def test_a_language_that_nobody_has_described_writes_numbers_as_the_default_does() -> None:
    assert i18n.number(1234, "a language") == "1.234"
    assert i18n.language_name("vi") == "Tiếng Việt" and i18n.language_name("a language") == "A language"
