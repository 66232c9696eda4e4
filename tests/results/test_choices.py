"""What people chose: reasons over all questionnaires as one, every other choice apart, few people not told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from analysis.interval import wilson
from survey import questionnaires
from survey.i18n import speaking
from survey.models import Channel, Response
from survey.periods import parse
from survey.results import closing
from survey.results.choices import REASONS, ChoiceQuestion, choices, reasons
from survey.results.cuts import Cut, chosen, parts
from survey.results.factors import by_questionnaire, factors
from survey.results.scope import Scope, Standard, scope_for
from tests.support import factories

STANDARD = Standard("0.90", 0.95)
NOON = dt.datetime(2026, 10, 10, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 11, 5, tzinfo=dt.UTC)


def october(session: Session, agency: str = "H61") -> Scope:
    return scope_for(session, parse("2026-10"), factories.agency_id(session, agency))


def people(question: ChoiceQuestion | None) -> dict[str, int | None]:
    assert question is not None
    return {choice.value: choice.people for choice in question.choices}


def ticked(
    session: Session, number: int, *values: str, question: str = "S7", asked: str = questionnaires.SHORT
) -> None:
    for _ in range(number):
        factories.response(session, 2, when=NOON, other={question: list(values)}, asked=asked)


def test_reasons_of_short_and_full_sheets_are_counted_together(session: Session) -> None:
    ticked(session, 6, "login", "late")
    ticked(session, 7, "late", question="B23", asked=questionnaires.FULL)
    why = reasons(session, october(session), STANDARD)
    assert why is not None and (why.answered, why.several, why.shown) == (13, True, True)
    assert people(why) == {"late": 13, "login": 6} | dict.fromkeys(people(why).keys() - {"late", "login"}, 0)
    assert why.choices[0].value == "late" and why.choices[-1].value == "other"
    login = next(choice for choice in why.choices if choice.value == "login")
    limits = wilson([6], [13], 0.95)
    assert (login.rate, login.lower, login.upper) == pytest.approx((6 / 13, limits.lower[0], limits.upper[0]))


def test_whoever_gave_reasons_on_both_forms_gave_them_once(session: Session) -> None:
    ticked(session, 9, "login")
    factories.response(session, 2, when=NOON, other={"S7": ["login"], "B23": ["login", "form"]})
    why = reasons(session, october(session), STANDARD)
    assert why is not None and why.answered == 10 and people(why)["login"] == 10


def test_fewer_than_ten_who_answered_show_nothing_and_fewer_than_five_no_number(session: Session) -> None:
    ticked(session, 9, "login")
    few = reasons(session, october(session), STANDARD)
    assert few is not None and not few.shown and set(people(few).values()) == {None}
    ticked(session, 4, "late")
    enough = reasons(session, october(session), STANDARD)
    assert people(enough)["login"] == 9 and people(enough)["late"] is None


def test_a_single_small_number_cannot_be_told_from_the_others(session: Session) -> None:
    for value, number in (("self", 20), ("0", 6), ("1", 3), ("2", 0)):
        for _ in range(number):
            factories.response(session, 4, when=NOON, other={"A4": value}, asked=questionnaires.FULL)
    visits = next(one for one in choices(session, october(session), STANDARD) if one.id == "A4")
    assert people(visits) == {"0": None, "1": None, "2": 0, "3": 0}, "the 3 would be what is missing from all"


def test_single_choices_and_rows_of_grids_are_questions_of_their_own_without_those_of_quality(session: Session) -> None:
    full = {"A1": "citizen", "A2": "officer", "C1": "0", "C4": {"C4a": "3", "C4b": "1"}}
    for _ in range(10):
        factories.response(session, 4, when=NOON, other=full, asked=questionnaires.FULL)
    every = {one.id: one for one in choices(session, october(session), STANDARD)}
    answered = {name: people(one) for name, one in every.items() if one.answered}
    assert answered.keys() == {"A1", "C1", "C4a", "C4b"}, "who filed stands with the quality of answers"
    assert answered["A1"]["citizen"] == 10 and answered["C1"]["0"] == 10
    assert answered["C4a"]["3"] == 10 and answered["C4b"]["1"] == 10
    assert next(iter(every)) == REASONS


def test_only_judged_answers_of_the_agency_and_period_give_reasons(session: Session) -> None:
    ticked(session, 10, "login")
    factories.response(session, 2, when=NOON, other={"S7": ["login"]}, channel=Channel.OPEN)
    factories.response(session, 2, when=NOON, other={"S7": ["login"]}, agency="H61.51")
    factories.response(session, 2, when=LATER, other={"S7": ["login"]})
    assert people(reasons(session, october(session, "H61.50"), STANDARD))["login"] == 10
    assert people(reasons(session, october(session), STANDARD))["login"] == 11


def test_a_closed_period_keeps_the_reasons_as_they_stood(session: Session) -> None:
    ticked(session, 10, "login")
    closing.close(session, parse("2026-10"), LATER, STANDARD)
    ticked(session, 3, "login")
    assert people(reasons(session, october(session), STANDARD))["login"] == 10


def test_an_answer_without_a_choice_counts_nowhere(session: Session) -> None:
    factories.response(session, 5, when=NOON)
    session.execute(sa.update(Response).values(other=None))
    assert not any(one.answered for one in choices(session, october(session), STANDARD))


def test_factors_are_those_of_every_questionnaire_that_was_answered(session: Session) -> None:
    factories.response(session, 5, when=NOON, ratings={"r1": 4})
    for _ in range(2):
        factories.response(session, 4, when=NOON, ratings={"r1": 2, "r21": 9}, asked=questionnaires.FULL)
    full, short = by_questionnaire(factors(session, october(session), replace(STANDARD, fewest=1)))
    assert [row.question for row in short] == ["S2", "S3", "S4", "S5", "S6"]
    assert [row.question for row in full] == [f"B{number:02}" for number in range(1, 22)]
    assert (short[0].answered, short[0].satisfied) == (1, 1) and (full[0].answered, full[0].level_2) == (2, 2)
    assert full[-1].no_opinion == 2


def test_what_an_earlier_version_asked_is_shown_as_long_as_it_was_answered(session: Session) -> None:
    factories.response(session, 5, when=NOON, ratings={"r1": 4})
    bank = questionnaires.documents(questionnaires.BANK.read_text(encoding="utf-8"))
    short = next(document for document in bank if document["id"] == questionnaires.SHORT)
    only = {**short, "version": "3.0", "items": [item for item in short["items"] if item.get("target_item")]}
    questionnaires.publish(session, only, NOON)
    assert [row.answered for row in factors(session, october(session), STANDARD)] == [1, 0, 0, 0, 0]


def test_reasons_and_factors_can_be_cut(session: Session) -> None:
    for procedure, value in (("1.001193", "login"), ("2.000815", "late")):
        for _ in range(10):
            factories.response(session, 2, procedure=procedure, when=NOON, ratings={"r1": 3}, other={"S7": [value]})
    scope = october(session)
    with speaking("vi"):
        part = chosen(parts(session, scope, STANDARD, Cut.FIELD), "Chứng thực").part
    assert people(reasons(session, scope, STANDARD, part))["late"] == 10
    assert people(reasons(session, scope, STANDARD, part))["login"] == 0
    assert factors(session, scope, STANDARD, part)[0].answered == 10
