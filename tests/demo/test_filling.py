"""Filling an empty database, on either engine, and the data files that ship with the product."""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers, read_answers
from survey.db.engine import Database
from survey.demo import filling, province
from survey.errors import Conflict
from survey.models import Case, Channel, Comment, Response
from survey.organisation import agencies
from survey.periods import Basis, Period
from survey.results import response_quality
from survey.results.scope import scope_for
from survey.security.tokens import new_token
from survey.settings import ROOT
from tests.demo.conftest import NOW
from tests.support import factories
from tests.support.figures import STANDARD

DATA = ROOT / "survey" / "data"


def test_agencies_alone_are_real_data_too(empty: Database) -> None:
    with empty.session(writes=True) as session:
        factories.agency(session, "H61", factories.Level.PROVINCE, "Ủy ban nhân dân tỉnh", "Province", None)
        with pytest.raises(Conflict, match="holds real data"):
            filling.filled(session)


def test_the_same_clock_and_key_give_the_same_data(empty: Database) -> None:
    drawn = []
    for _ in range(2):
        with empty.session(writes=True) as session:
            filling.fill(session, "k" * 32, NOW, 7, scale=0.03)
            answers = sa.select(Response.submitted_at, Response.overall, Response.seconds, Response.other)
            answers = answers.order_by(Response.id)
            receipts = sa.select(Response.receipt).where(Response.channel == Channel.INVITATION).order_by(Response.id)
            comments = sa.select(Comment.text).order_by(Comment.response_id)
            codes = sa.select(Case.code_hash).order_by(Case.id)
            drawn.append([session.execute(query).all() for query in (answers, receipts, comments, codes)])
            session.rollback()
    assert len(drawn[0][0]) > 500
    assert drawn[0] == drawn[1]


def test_some_people_answer_the_full_form_as_its_pages_would_take_it(filled: Session) -> None:
    full = questionnaires.asked_now(filled, questionnaires.FULL)
    sheets = filled.scalars(sa.select(Response).where(Response.questionnaire_id == full.id)).all()
    for one in sheets:
        slots = {question.slot: question.id for question in full.questions if question.slot}
        form = {code: [str(getattr(one, slot))] for slot, code in slots.items() if getattr(one, slot) is not None}
        for code, answer in (one.other or {}).items():
            if isinstance(answer, dict):
                form |= {row: [value] for row, value in answer.items()}
            else:
                form[code] = answer if isinstance(answer, list) else [answer]
        assert read_answers(full, lambda code, form=form: form.get(code, [])).other == (one.other or {})
    assert len(sheets) > 100 and {one.channel for one in sheets} == {Channel.INVITATION}
    assert sum(1 for one in sheets if len(one.other or {}) > 10) > 0.9 * len(sheets)
    shown = response_quality.shares(filled, scope_for(filled, whole(), agencies.root(filled).id), STANDARD)
    assert all(len(shares.answers) > 1 for shares in shown.values()), "every part of the page shows something"
    flagged = {row.unit for row in shown["filed_by"].units if row.flag}
    assert factories.agency_id(filled, "H61.6") in flagged
    ends = response_quality.ends(filled, scope_for(filled, whole(), agencies.root(filled).id), STANDARD)
    assert [row.end for row in ends] == ["done", "refused", "given_up"]


def whole() -> Period:
    return Period("all", Basis.CALENDAR, dt.date(2026, 1, 1), NOW.date())


def test_life_goes_on_after_it_on_either_database(empty: Database) -> None:
    with empty.session(writes=True) as session:
        filling.fill(session, factories.SECRET, NOW, 7, scale=0.02)
        session.commit()
    with empty.session(writes=True) as session:
        token = factories.invitation(session, "H61.102", when=NOW)
        source = invitations.find(session.connection(), token, NOW)
        sending = responses.SubmissionMeta(new_token(), NOW, "vi")
        sheet = questionnaires.asked_now(session)
        receipt = responses.record(
            session.connection(), factories.SECRET, source, sheet, Answers({"overall": 5}), sending
        )
        session.commit()
        row = session.scalars(sa.select(Response).where(Response.receipt == receipt)).one()
        assert row.id == session.scalar(sa.select(sa.func.max(Response.id)))


def test_the_old_province_of_three_tiers_ships_with_its_successors() -> None:
    old = list(province.rows(DATA / "agencies" / "tra_vinh_2022.csv"))
    new = {row["code"]: row for row in province.rows(DATA / "agencies" / "vinh_long_2025.csv")}
    known = {row["code"] for row in old}
    assert {row["level"] for row in old} == {"province", "department", "district", "commune"}
    assert {row["level"] for row in new.values()} == {"province", "department", "commune"}
    assert sum(row["level"] == "district" for row in old) == 9
    for row in old:
        assert row["parent"] in known or row["level"] == "province", row
        assert row["valid_to"] == "2025-06-30"
        if row["level"] != "district":
            assert new[row["successor"]]["level"] == row["level"], row
    taken_over = {row["successor"] for row in old if row["level"] == "commune"}
    assert taken_over == {code for code, row in new.items() if row["level"] == "commune"}


@pytest.mark.parametrize("path", sorted(DATA.glob("**/*.csv")), ids=lambda path: path.name)
def test_shipped_codes_have_the_form_of_the_law_and_names_in_both_languages(path: Path) -> None:
    form = re.compile(r"[A-Z]\d{2}(?:\.\d{1,3}){0,4}" if path.parent.name == "agencies" else r"[1-9]\.\d{6}")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        assert form.fullmatch(row["code"]), row
        assert row["name_vi"] and row["name_en"] and row["name_en"].isascii()
        assert unicodedata.is_normalized("NFC", row["name_vi"])
