"""Publishing in two steps: what would change is looked at, and what was looked at is what is published."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import placements
from survey.models import Channel, Role, VersionStatus
from survey.periods import now
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.editing import BASE, document_of, draft_of, publish, reviewed, typed
from tests.support.officials import official, sign_in, token_on
from tests.support.pages import check_page


@pytest.fixture
def editor(session: Session, client: FlaskClient) -> FlaskClient:
    """A manager of the province, signed in."""
    official(session, role=Role.MANAGER)
    sign_in(client)
    return client


def changed(editor: FlaskClient, address: str, fields: Mapping[str, str], do: str = "") -> None:
    saved = editor.post(address, data={**typed(editor.get(address)), **fields, "do": do})
    assert saved.status_code == 303, saved.text


def status_of(editor: FlaskClient, address: str) -> VersionStatus:
    with survey_of(editor.application).database.session(writes=False) as opened:
        return questionnaires.find(opened, int(address.rpartition("/")[2])).status


def test_before_publishing_each_change_stands_before_and_after_in_both_languages(editor: FlaskClient) -> None:
    address = draft_of(editor)
    was = document_of(editor, address)["items"]
    changed(editor, address, {"items/1/vi": "Nộp hồ sơ thế nào?", "items/1/en": "How was applying?"})
    changed(editor, address, {}, "retire items/2")
    changed(editor, address, {"items/6/options/0/en": "Could not sign in"}, "drop items/6/options/9")
    page = editor.get(f"{address}/review")
    words = " ".join(check_page(page).words.split())
    before = (was[1]["vi"], was[1]["en"], was[6]["options"][0]["en"], was[6]["options"][9]["vi"])
    for text in (*before, "Nộp hồ sơ thế nào?", "How was applying?", "Could not sign in"):
        assert text in words
    assert was[3]["vi"] not in words, "what stays as it is is counted, not shown"
    assert page.text.count("<article") == 3
    assert "warned" not in page.text
    assert status_of(editor, address) == VersionStatus.DRAFT


def test_the_page_warns_where_the_words_of_the_target_question_change(editor: FlaskClient) -> None:
    address = draft_of(editor)
    changed(editor, address, {"items/0/en": "Were you satisfied?"})
    assert "warned" in editor.get(f"{address}/review").text


def test_the_page_says_who_will_be_asked(editor: FlaskClient, session: Session) -> None:
    for number in range(3):
        one = placements.make(session, factories.agency_id(session, "H61.50"), Channel.OPEN, now())
        one.enabled = number < 2
    placements.make(session, factories.agency_id(session, "H61.50"), Channel.OPEN, now(), test=True)
    placements.make(session, factories.agency_id(session, "H61.50"), Channel.KIOSK, now()).enabled = True
    session.commit()
    assert placements.asking(session, "short_online") == {Channel.OPEN: 2}
    assert placements.asking(session, "short_in_person") == {Channel.KIOSK: 1}, "as soon as that is asked"
    session.rollback()
    for code, invited in (("short_online", True), ("full_sipas_online", False)):
        address = draft_of(editor, code)
        changed(editor, address, {"title/vi": "Tên khác"})
        words = check_page(editor.get(f"{address}/review?lang=en"), "en").words
        assert ("everybody who opens an invitation" in words) == invited
        assert ("one of the 2 QR codes in use" in words) == invited
        assert ("No invitation, QR code or kiosk in use" in words) == (not invited)


def test_a_draft_that_was_changed_after_it_was_looked_at_is_shown_again_and_not_published(editor: FlaskClient) -> None:
    address = draft_of(editor)
    changed(editor, address, {"items/1/vi": "Đã xem"})
    seen = reviewed(editor, address)
    changed(editor, address, {"items/1/vi": "Chưa xem"})
    refused = editor.post(f"{address}/publish", data=seen)
    assert refused.status_code == 409
    assert "Chưa xem" in check_page(refused).words
    assert status_of(editor, address) == VersionStatus.DRAFT
    assert publish(editor, address).status_code == 303
    assert document_of(editor, address)["items"][1]["vi"] == "Chưa xem"


def test_a_draft_that_was_compared_with_a_version_no_longer_asked_is_shown_again(editor: FlaskClient) -> None:
    address = draft_of(editor)
    changed(editor, address, {"items/1/vi": "Của tôi"})
    seen = reviewed(editor, address)
    with survey_of(editor.application).database.session(writes=True) as opened:
        document = questionnaires.named(opened, "short_online").document
        other = {**document, "version": "9.0", "title": {"vi": "Bản từ tệp", "en": "From a file"}}
        questionnaires.publish(opened, other, now())
        opened.commit()
    refused = editor.post(f"{address}/publish", data=seen)
    assert refused.status_code == 409
    assert "Bản từ tệp" in check_page(refused).words
    assert status_of(editor, address) == VersionStatus.DRAFT


def test_a_fault_that_came_in_after_looking_leads_back_to_the_field(editor: FlaskClient) -> None:
    address = draft_of(editor)
    changed(editor, address, {"items/1/vi": "Đã xem"})
    seen = reviewed(editor, address)
    changed(editor, address, {"items/1/vi": ""})
    refused = editor.post(f"{address}/publish", data=seen)
    assert refused.status_code == 409
    assert 'href="#f-items/1/vi"' in refused.text
    led = editor.get(f"{address}/review")
    assert led.location == f"{address}?check=1"
    assert 'href="#f-items/1/vi"' in editor.get(led.location).text


def test_a_draft_that_changes_nothing_is_not_published(editor: FlaskClient) -> None:
    address = draft_of(editor)
    page = editor.get(f"{address}/review")
    check_page(page)
    assert f'action="{address}/publish"' not in page.text
    token = token_on(editor, f"{BASE}/")
    with survey_of(editor.application).database.session(writes=False) as opened:
        base = questionnaires.named(opened, "short_online").id
    sent = {"csrf_token": token, "revision": "1", "base": str(base)}
    assert editor.post(f"{address}/publish", data=sent).status_code == 409
    assert status_of(editor, address) == VersionStatus.DRAFT


def test_an_auditor_may_look_at_what_would_be_published(editor: FlaskClient, session: Session) -> None:
    address = draft_of(editor)
    changed(editor, address, {"items/1/vi": "Để xem"})
    official(session, "soat", role=Role.AUDITOR)
    sign_in(editor, "soat")
    page = editor.get(f"{address}/review")
    assert "Để xem" in check_page(page).words
    assert "/publish" not in page.text
