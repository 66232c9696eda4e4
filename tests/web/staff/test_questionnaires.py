"""The editor of questionnaires: a draft from a version, two managers, a preview, and publishing when nothing lacks."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.models import AuditEntry, QuestionnaireVersion, Role, VersionStatus
from survey.periods import now
from survey.questionnaires import drafts
from survey.questionnaires.document import groups, items, sections
from survey.web.survey import survey_of
from tests.support import factories
from tests.support.editing import BASE, document_of, draft_of, publish, typed
from tests.support.officials import official, sign_in, token_on
from tests.support.pages import check_page


@pytest.fixture
def editor(session: Session, client: FlaskClient) -> FlaskClient:
    """A manager of the province, signed in."""
    official(session, role=Role.MANAGER)
    sign_in(client)
    return client


def test_a_draft_is_edited_side_by_side_and_published_as_the_next_version(
    editor: FlaskClient, session: Session
) -> None:
    check_page(editor.get(f"{BASE}/"))
    address = draft_of(editor)
    page = editor.get(address)
    words = check_page(page).words
    assert "Bản nháp 2.1" in words
    fields = typed(page)
    assert fields["items/0/vi"].startswith("Nhìn chung")
    assert fields["items/0/en"].startswith("Overall")
    saved = editor.post(address, data={**fields, "items/0/vi": "Ông/Bà thấy lần này thế nào?", "do": ""})
    assert saved.status_code == 303
    reviewed = editor.post(address, data={**typed(editor.get(address)), "do": "review"})
    assert (reviewed.status_code, reviewed.location) == (303, f"{address}/review")
    published = publish(editor, address)
    assert (published.status_code, published.location) == (303, address.replace("s/", "s/?published="))
    check_page(editor.get(published.location))
    rows = {
        (r.version, r.status)
        for r in session.scalars(sa.select(QuestionnaireVersion).where(QuestionnaireVersion.code == "short_online"))
    }
    assert rows == {("2.0", VersionStatus.RETIRED), ("2.1", VersionStatus.PUBLISHED)}
    placement = factories.placement(session)
    session.commit()
    assert "Ông/Bà thấy lần này thế nào?" in editor.get(f"/q/{placement.code}").get_data(as_text=True)
    acts = session.scalars(
        sa.select(AuditEntry.act).where(AuditEntry.act.like("questionnaire.%")).order_by(AuditEntry.id)
    )
    assert list(acts)[-4:] == [
        "questionnaire.drafted",
        "questionnaire.saved",
        "questionnaire.saved",
        "questionnaire.published",
    ]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_one_missing_translation_blocks_publishing_and_is_shown_where_it_lacks(
    editor: FlaskClient, language: str
) -> None:
    address = draft_of(editor)
    place = f"items/6/options/3/{language}"
    sent = {**typed(editor.get(address)), place: "  ", "items/1/vi": "Giữ lại câu này", "do": "review"}
    refused = editor.post(address, data=sent)
    assert refused.status_code == 422
    text = refused.get_data(as_text=True)
    assert f'href="#f-{place}"' in text
    assert f'id="f-{place}"' in text
    missing = {"vi": "Còn thiếu nội dung tiếng Việt.", "en": "Còn thiếu nội dung tiếng Anh."}
    assert f"Câu 7, lựa chọn 4: {missing[language]}" in check_page(refused).words
    assert "Giữ lại câu này" in text
    mended = editor.post(address, data={**typed(refused), place: "Có rồi", "do": "review"})
    assert mended.status_code == 303


def test_questions_move_retire_come_back_and_are_added_with_a_new_code(editor: FlaskClient) -> None:
    address = draft_of(editor)

    def act(do: str, **fields: str) -> dict[str, Any]:
        done = editor.post(address, data={**typed(editor.get(address)), **fields, "do": do})
        assert done.status_code == 303, done.get_data(as_text=True)
        return document_of(editor, address)

    ids = lambda document: [item["id"] for item in document["items"]]  # noqa: E731
    assert ids(act("down items/1"))[:3] == ["S1", "S3", "S2"]
    assert ids(act("up items/2"))[:3] == ["S1", "S2", "S3"]
    assert ids(act("up items/0"))[0] == "S1"
    assert act("retire items/1")["items"][1]["enabled_by_default"] is False
    preview = editor.get(f"{address}/preview").get_data(as_text=True)
    assert 'name="S2"' not in preview
    assert act("ask items/1")["items"][1]["enabled_by_default"] is True
    added = act("add  single", **{"items/2/vi": "Đang gõ dở"})
    assert added["items"][2]["vi"] == "Đang gõ dở"
    assert (added["items"][-1]["id"], added["items"][-1]["type"]) == ("N1", "single")
    assert len(act("option items/8")["items"][8]["options"]) == 3
    assert [option["value"] for option in act("drop items/8/options/0")["items"][8]["options"]] == ["o2", "o3"]
    assert editor.post(address, data={**typed(editor.get(address)), "do": "retire title"}).status_code == 404


def test_the_second_of_two_managers_sees_the_others_save_and_keeps_what_was_typed(editor: FlaskClient) -> None:
    address = draft_of(editor)
    mine, others = typed(editor.get(address)), typed(editor.get(address))
    assert editor.post(address, data={**others, "items/2/vi": "Của người kia", "do": ""}).status_code == 303
    refused = editor.post(address, data={**mine, "items/1/vi": "Của tôi", "do": "review"})
    assert refused.status_code == 409
    assert "Của tôi" in check_page(refused).words
    assert document_of(editor, address)["items"][2]["vi"] == "Của người kia"
    assert document_of(editor, address)["version"] == "2.1"
    again = {**typed(refused), "items/2/vi": "Của người kia", "do": ""}
    assert editor.post(address, data=again).status_code == 303
    assert [document_of(editor, address)["items"][i]["vi"] for i in (1, 2)] == ["Của tôi", "Của người kia"]


def test_what_was_typed_stays_with_its_code_though_another_drops_moves_and_adds(editor: FlaskClient) -> None:
    def words() -> dict[str, str]:
        found = {}
        for item in document_of(editor, address)["items"]:
            found[item["id"]] = item["vi"]
            found |= {f"{item['id']}/{option['value']}": option["vi"] for option in item.get("options", ())}
        return found

    address = draft_of(editor)
    reasons = next(item for item in document_of(editor, address)["items"] if item["id"] == "S7")["options"]
    first, third = (reasons[i]["value"] for i in (0, 2))
    mine, before = typed(editor.get(address)), words()
    for act in ("drop items/6/options/0", "down items/1", "option items/6", "up items/6", "add  text"):
        assert editor.post(address, data={**typed(editor.get(address)), "do": act}).status_code == 303
    mine |= {"items/1/vi": "S2 của tôi", "items/6/options/2/vi": "Lý do của tôi"}
    mine |= {"items/6/when_question": "S1", "items/6/when_answer": "<= 2"}
    refused = editor.post(address, data={**mine, "items/6/options/0/vi": "Đã bị bỏ", "do": ""})
    assert refused.status_code == 409
    said = check_page(refused).words
    assert f"Câu 6, lựa chọn “{first}”" in said
    assert "Đã bị bỏ" not in said
    shown = editor.post(f"{address}/preview", data=mine).get_data(as_text=True)
    assert shown.index('name="S3"') < shown.index("S2 của tôi") < shown.index('name="S4"')
    assert editor.post(address, data={**typed(refused), "do": ""}).status_code == 303
    dropped, added = f"S7/{first}", {"S7/o1": "", "N1": ""}
    wanted = {**before, **added, "S2": "S2 của tôi", f"S7/{third}": "Lý do của tôi"}
    assert words() == {code: text for code, text in wanted.items() if code != dropped}
    conditions = {item["id"]: item.get("show_if") for item in document_of(editor, address)["items"]}
    assert conditions["S7"] == "S1 <= 2"
    assert [item["id"] for item in document_of(editor, address)["items"]][:3] == ["S1", "S3", "S2"]


def test_a_page_that_does_not_say_what_stood_where_moves_no_text_to_another_code(editor: FlaskClient) -> None:
    address = draft_of(editor)
    mine = {name: text for name, text in typed(editor.get(address)).items() if name != "places"}
    assert editor.post(address, data={**typed(editor.get(address)), "do": "down items/1"}).status_code == 303
    there = typed(editor.get(address))
    refused = editor.post(address, data={**mine, "title/vi": "Tên của tôi", "do": ""})
    assert refused.status_code == 409
    given_back = typed(refused)
    kept = {name: text for name, text in there.items() if name != "csrf_token"}
    assert {name: given_back[name] for name in kept} == {**kept, "title/vi": "Tên của tôi"}


def test_texts_of_parts_groups_and_grids_find_their_code_again(editor: FlaskClient) -> None:
    address = draft_of(editor, "full_sipas_online")
    before = document_of(editor, address)
    typed_then = {drafts.pointer(at): " ".join(map(str, at)) for at in drafts.editable(before) if at[-1] != "show_if"}
    after = copy.deepcopy(before)
    after["sections"].reverse()
    for _at, section in sections(after):
        for _below, group in groups(section):
            group.get("items", []).reverse()
            for item in group.get("items", []):
                item.get("rows", []).reverse()
    placed, gone = drafts.moved(after, {**typed_then, "places": drafts.places(before)})
    assert (gone, len(placed)) == ([], len(typed_then) + 1)
    made = drafts.with_texts(after, placed)
    straight = drafts.with_texts(before, typed_then)
    own = lambda document: {item["id"]: item["vi"] for _at, item in items(document, unasked=True)}  # noqa: E731
    assert own(made) == own(straight)
    assert {part["id"]: part["title"] for part in made["sections"]} == {
        part["id"]: part["title"] for part in straight["sections"]
    }


def test_a_questionnaire_without_texts_of_its_own_can_be_edited(editor: FlaskClient) -> None:
    with survey_of(editor.application).database.session(writes=True) as opened:
        bare = copy.deepcopy(questionnaires.named(opened, "short_online").document)
        for name in ("texts", "intro", "outro"):
            bare.pop(name, None)
        for item in bare["items"]:
            item.pop("hint", None)
            item.pop("notice", None)
        assert questionnaires.check(bare) == []
        number = drafts.put(opened, {**bare, "id": "bare"}, None, now()).id
        opened.commit()
    check_page(editor.get(f"{BASE}/{number}"))


def test_the_preview_shows_what_is_typed_and_saves_nothing(editor: FlaskClient) -> None:
    address = draft_of(editor, "full_sipas_online")
    fields = {**typed(editor.get(address)), "sections/2/groups/0/items/0/en": "Typed only just now"}
    shown = editor.post(f"{address}/preview?preview_lang=en&part=B1", data=fields)
    outline = check_page(shown, "en")
    assert "Typed only just now" in outline.words
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in editor.get(address).headers["Content-Security-Policy"]
    assert "Typed only just now" not in str(document_of(editor, address))


def test_a_published_version_cannot_be_saved_over(editor: FlaskClient, session: Session) -> None:
    number = questionnaires.named(session, "short_online").id
    session.rollback()
    page = editor.get(f"{BASE}/{number}")
    assert "đã ban hành" in check_page(page).words
    fields = {"csrf_token": token_on(editor, f"{BASE}/"), "revision": "1", "items/0/vi": "Đổi trộm", "do": ""}
    assert editor.post(f"{BASE}/{number}", data=fields).status_code == 409
    assert editor.post(f"{BASE}/{number}/discard", data=fields).status_code == 409


@pytest.mark.parametrize("number", ["0", str(2**63 - 1), str(2**63), "9" * 400])
def test_a_number_that_no_questionnaire_can_have_is_told_politely(editor: FlaskClient, number: str) -> None:
    token = token_on(editor, f"{BASE}/")
    for address in ("", ".yaml", "/preview"):
        assert editor.get(f"{BASE}/{number}{address}").status_code == 404
    for address in ("", "/draft", "/discard", "/preview"):
        assert editor.post(f"{BASE}/{number}{address}", data={"csrf_token": token}).status_code == 404


def test_a_draft_can_be_taken_away_as_yaml_and_thrown_away(editor: FlaskClient) -> None:
    address = draft_of(editor)
    taken = editor.get(f"{address}.yaml")
    assert taken.headers["Content-Disposition"] == 'attachment; filename="short_online-2.1.yaml"'
    assert questionnaires.documents(taken.get_data(as_text=True)) == [document_of(editor, address)]
    gone = editor.post(f"{address}/discard", data={"csrf_token": token_on(editor, f"{BASE}/")})
    assert gone.status_code == 303
    assert editor.get(address).status_code == 404


@pytest.mark.parametrize(("role", "agency"), [(Role.VIEWER, "H61"), (Role.MANAGER, "H61.50")])
def test_only_managers_of_the_province_come_in(session: Session, client: FlaskClient, role: Role, agency: str) -> None:
    official(session, agency=agency, role=role)
    sign_in(client)
    assert client.get(f"{BASE}/").status_code == 403


def test_an_auditor_is_offered_nothing_that_would_be_refused(session: Session, client: FlaskClient) -> None:
    official(session, role=Role.AUDITOR)
    sign_in(client)
    page = client.get(f"{BASE}/")
    check_page(page)
    assert "YAML" in page.text and 'action="/staff/questionnaires' not in page.text


def test_the_page_of_a_discarded_draft_changes_no_other_draft(editor: FlaskClient) -> None:
    old = draft_of(editor)
    page = typed(editor.get(old))
    editor.post(f"{old}/discard", data={"csrf_token": token_on(editor, f"{BASE}/")})
    other = draft_of(editor, "full_sipas_online")
    before = document_of(editor, other)
    assert other != old
    for address in (old, f"{old}/discard"):
        assert editor.post(address, data={**page, "items/0/vi": "Của phiếu khác", "do": ""}).status_code == 404
    assert document_of(editor, other) == before
