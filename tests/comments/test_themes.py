"""Themes: a list of words that decides alone, is checked when it is edited, and ships with the product."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.comments.reading import CommentFilter, CommentsInScope
from survey.comments.themes import MOST_PHRASES, MOST_THEMES, Theme, read, save, themes
from survey.i18n import plain_words
from survey.models import AuditEntry, StoredTheme
from survey.periods import parse
from survey.results.scope import scope_for
from tests.support import factories
from tests.support.figures import CLOCK
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 14, 5, tzinfo=dt.UTC)
ENTRY = {"vi": "Cầu phà", "en": "Ferries", "phrases": "qua phà\n chờ   phà \n\nqua phà"}


def entry(**changed: str) -> dict[str, str]:
    return {**ENTRY, **changed}


def test_the_shipped_list_can_be_saved_as_it_is(session: Session) -> None:
    shipped = themes(session)
    entries = [{"code": one.code, **one.name, "phrases": "\n".join(one.phrases)} for one in shipped]
    assert read(entries, shipped) == (shipped, [])
    for one in shipped:
        plain = [plain_words(phrase) for phrase in one.phrases]
        assert len(plain) == len(set(plain)), "no phrase stands twice"


@pytest.mark.usefixtures("vietnamese")
def test_a_saved_list_sorts_all_comments_anew_and_is_on_record(session: Session) -> None:
    staff = official(session)
    for text in ("Phải QUA PHÀ hai lần", "qua phà!", "hoa quà pha trà", "phà qua"):
        factories.response(session, 2, when=NOON, comments={"S8": text})
    listed, faults = read([ENTRY])
    assert (faults, listed) == ([], (Theme("cau_pha", {"vi": "Cầu phà", "en": "Ferries"}, ("qua phà", "chờ phà")),))
    save(session, listed, NOON, staff.id)
    assert themes(session) == listed
    province = scope_for(session, parse("2026-10"), factories.agency_id(session, "H61"))
    rows = CommentsInScope(session, province, False, CLOCK, 1).page(CommentFilter())
    assert {row.text: row.themes for row in rows} == {
        "Phải QUA PHÀ hai lần": ("Cầu phà",),
        "qua phà!": ("Cầu phà",),
        "hoa quà pha trà": ("Cầu phà",),  # without diacritics they are the same words
        "phà qua": (),
    }
    assert session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()[-1] == "themes.saved"
    save(session, (), NOON, staff.id)
    assert len(themes(session)) > 5 and not session.scalars(sa.select(StoredTheme)).all()


def test_a_theme_keeps_its_code_when_its_name_changes_and_a_new_one_takes_none_that_is_used() -> None:
    before = (Theme("cau_pha", {"vi": "Cầu phà", "en": "Ferries"}, ("qua phà",)),)
    sent = [entry(code="cau_pha", vi="Đò"), entry(code=""), entry(code="strange", vi="Cầu, phà"), entry(vi=" ", en="")]
    listed, faults = read(sent, before)
    assert [(one.code, one.name["vi"]) for one in listed] == [
        ("cau_pha", "Đò"),
        ("cau_pha_2", "Cầu phà"),
        ("cau_pha_3", "Cầu, phà"),
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"en": ""}, "every language"),
        ({"vi": "x" * 81}, "Shorten"),
        ({"phrases": "\n"}, "at least one"),
        ({"phrases": "…!"}, "cannot be looked for"),
        ({"phrases": "x" * 61}, "cannot be looked for"),
        ({"phrases": "\n".join(map(str, range(MOST_PHRASES + 1)))}, "at most"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_its_place(changed: dict[str, str], part: str) -> None:
    _listed, faults = read([entry(vi="Khác"), entry(**changed)])
    assert [place for place, _message, _values in faults] == [1] and part in faults[0][1]


def test_two_themes_of_one_name_and_too_many_themes_are_refused() -> None:
    assert "another theme" in read([ENTRY, entry(vi="CẦU PHÀ")])[1][0][1]
    many = [entry(vi=f"Chủ đề {number}") for number in range(MOST_THEMES + 1)]
    assert "Keep at most" in read(many)[1][0][1] and not read(many[1:])[1]
