"""What a page says about a citizen's data is kept with the answer, word for word, however the words change later."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey.collection import privacy_notices
from survey.models import PrivacyNotice, PrivacyPage, Response
from survey.periods import local_day, now
from survey.security.tokens import new_token, sign
from survey.settings import ROOT, Settings
from survey.web.survey import survey_of
from tests.conftest import SECRET
from tests.support import factories
from tests.support.pages import check_page, hidden
from tests.support.statements import statements
from tests.web.citizen.test_paged_form import PARTS

Look = Callable[[sa.Select[*tuple[Any, ...]]], list[Any]]
BEFORE = "Officials see totals, and comments without names."
NAMED = (
    sa.select(PrivacyNotice.page, PrivacyNotice.texts)
    .join(Response, Response.privacy_notice == PrivacyNotice.hash)
    .order_by(Response.id)
)


@pytest.fixture
def reworded(
    settings: Settings, tmp_path: Path, started: Callable[[Settings], AbstractContextManager[Flask]]
) -> Iterator[FlaskClient]:
    """A visitor of the same survey after one word of its English notice was changed."""
    folder = tmp_path / "translations"
    shutil.copytree(ROOT / "translations", folder)
    catalogue = folder / "en" / "LC_MESSAGES" / "messages.po"
    texts = catalogue.read_text(encoding="utf-8")
    assert texts.count(f'msgstr "{BEFORE}"') == 1
    new = texts.replace(f'msgstr "{BEFORE}"', 'msgstr "Officials see totals only."')
    catalogue.write_text(new, encoding="utf-8")
    with started(dataclasses.replace(settings, translations=folder)) as app:
        yield app.test_client()


def answered(client: FlaskClient, path: str, form: dict[str, Any] | None = None) -> None:
    """Answer on a page that is opened now, or was opened before."""
    assert client.post(path, data={**(form or hidden(client.get(path))), "S1": "4"}).status_code == 200


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_that_asks_shows_the_words_that_are_kept_with_its_answer(
    client: FlaskClient, session: Session, look: Look, link: str, code: str, language: str
) -> None:
    factories.placement(session, code="DESK01", channel=factories.Channel.KIOSK)
    session.commit()
    short, desk = client.get(f"{code}?lang={language}"), client.get(f"/k/DESK01?lang={language}")
    full = [client.get(f"{link}?form=full&lang={language}")]
    for there in PARTS[1:3]:
        full.append(client.post(f"{link}?form=full", data={**hidden(full[-1]), "S1": "4", "go": there}))
    thanked = client.post(code, data={**hidden(short), "S1": "4"})  # where more can be said
    again = client.post(code, data={**hidden(thanked), "S3": "x"})  # given back
    assert again.status_code == 422
    assert client.post("/k/DESK01", data={**hidden(desk), "S1": "4"}).status_code == 200
    kept = {page: texts[language] for page, texts in look(NAMED)}
    assert kept.keys() == set(PrivacyPage) and kept[PrivacyPage.FORM] != kept[PrivacyPage.KIOSK]
    for page in (short, *full, thanked, again):
        words = check_page(page, language).words
        assert all(line in words for line in kept[PrivacyPage.FORM].splitlines())
    words = check_page(desk, language).words
    assert all(line in words for line in kept[PrivacyPage.KIOSK].splitlines())


def test_a_changed_word_makes_a_new_version_and_an_answer_names_the_one_that_its_page_showed(
    client: FlaskClient, reworded: FlaskClient, look: Look, session: Session, code: str
) -> None:
    opened = hidden(client.get(code))
    answered(client, code)
    answered(reworded, code)
    answered(reworded, code, opened)  # the page was opened before the change, and is sent after it
    words = [texts["en"].splitlines()[1] for _page, texts in look(NAMED)]
    assert words == [BEFORE, "Officials see totals only.", BEFORE]
    history = privacy_notices.versions(session).values()
    assert [(one.page, one.version) for one in history] == [
        (PrivacyPage.FORM, 2),
        (PrivacyPage.FORM, 1),
        (PrivacyPage.KIOSK, 1),
    ]
    assert {one.since for one in history} == {local_day(now())}


def test_whoever_gets_the_form_back_after_a_change_reads_and_names_the_new_words(
    client: FlaskClient, reworded: FlaskClient, look: Look, code: str
) -> None:
    opened = hidden(client.get(f"{code}?lang=en"))
    given_back = reworded.post(code, data={**opened, "S8": "Xin giữ lại"})
    assert given_back.status_code == 422 and "Officials see totals only." in given_back.text
    answered(reworded, code, hidden(given_back))
    assert [texts["en"].splitlines()[1] for _page, texts in look(NAMED)] == ["Officials see totals only."]


def test_several_processes_keep_each_version_once(
    app: Flask, settings: Settings, look: Look, code: str, started: Callable[[Settings], AbstractContextManager[Flask]]
) -> None:
    with started(settings) as other, statements() as asked:
        for process in (app, other, app):
            answered(process.test_client(), code)
            assert survey_of(process).privacy_notices.kept
    written = [one for one in asked if one.text.startswith("INSERT INTO privacy_notice")]
    assert len(written) == 2 * len(PrivacyPage), "each process writes them once, and never waits for another again"
    assert look(sa.select(sa.func.count()).select_from(PrivacyNotice)) == [(len(PrivacyPage),)]


def test_what_was_not_committed_is_written_down_with_the_next_answer(
    app: Flask, client: FlaskClient, session: Session, look: Look, link: str
) -> None:
    asked = hidden(client.get(link))
    session.execute(sa.text("ALTER TABLE response RENAME TO away"))
    session.commit()
    assert client.post(link, data={**asked, "S1": "4"}).status_code == 503
    assert survey_of(app).privacy_notices.kept is False
    session.execute(sa.text("ALTER TABLE away RENAME TO response"))
    session.commit()
    answered(client, link, asked)
    assert len(look(NAMED)) == 1


def test_a_page_of_before_there_were_notices_is_still_answered(client: FlaskClient, look: Look, code: str) -> None:
    number = hidden(client.get(code))["csrf_token"].partition(".")[0]
    key = new_token()
    proof = f"{number}-{sign(SECRET, 'form', code, number, key)}"
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=3), tick=True):
        answered(client, code, {"csrf_token": proof, "key": key, "lang": "vi"})
    assert look(sa.select(Response.overall, Response.privacy_notice)) == [(4, None)]


@pytest.mark.parametrize("named", ["00" * 5, "", "zz" * 5, "ff" * 9, "é"])
def test_nobody_names_another_notice_than_the_page_showed(
    client: FlaskClient, look: Look, code: str, named: str
) -> None:
    asked = hidden(client.get(code))
    shown, _, rest = asked["csrf_token"].partition("-")
    forged = f"{shown.partition('.')[0]}.{named}-{rest}"
    assert client.post(code, data={**asked, "csrf_token": forged, "S1": "4"}).status_code == 400
    assert look(sa.select(Response.id)) == []
