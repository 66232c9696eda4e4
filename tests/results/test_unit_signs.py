"""Units whose answers look unlike those of all others are named to the province while a period is open."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.collection.responses import SubmissionMeta
from survey.models import Level
from survey.organisation import agencies
from survey.periods import LOCAL_ZONE, parse
from survey.results import closing
from survey.results.scope import Reader, Scope, scope_for
from survey.results.unit_signs import Sign, UnitSigns, unit_signs
from tests.support import factories
from tests.support.figures import STANDARD
from tests.support.officials import official, sign_in
from tests.support.pages import check_page

OCTOBER = parse("2026-10")
MORNING = dt.datetime(2026, 10, 5, 9, tzinfo=LOCAL_ZONE)
UNITS = [f"H61.{number}" for number in range(100, 112)]
ASKED = replace(STANDARD, fewest=10)
KEYS = itertools.count(1)


@dataclass
class Sheet:
    """An honest person's answer: on which day invited, after how many minutes answered, and how."""

    day: int
    minutes: int
    seconds: int
    ratings: tuple[int, ...]
    lowered: bool = False


def honest(chance: random.Random, number: int) -> Sheet:
    ratings = tuple(chance.choice((3, 4, 5)) for _ in range(5))
    return Sheet(number % 20, chance.choice((5, 30, 300, 1500, 3000)), chance.choice((8, 25, 40, 60, 90)), ratings)


def at_once(sheet: Sheet) -> Sheet:
    return replace(sheet, minutes=2)


def fast(sheet: Sheet) -> Sheet:
    return replace(sheet, seconds=6)


def straight(sheet: Sheet) -> Sheet:
    return replace(sheet, ratings=(5,) * 5)


def lowered(sheet: Sheet) -> Sheet:
    return replace(sheet, lowered=True, ratings=(5, *sheet.ratings[1:]))


def one_day(sheet: Sheet) -> Sheet:
    return replace(sheet, minutes=(15 - sheet.day) * 1440 + 30) if sheet.day <= 15 else sheet


def give(session: Session, unit: str, sheet: Sheet) -> None:
    """Invite somebody and record the answer."""
    invited = MORNING + dt.timedelta(days=sheet.day)
    when = invited + dt.timedelta(minutes=sheet.minutes)
    token = factories.invitation(session, unit, when=invited, days=30)
    asked = questionnaires.asked_now(session)
    slots = [question.slot for question in asked.questions if question.slot and question.slot != "overall"]
    for rating, later in [(sheet.ratings[0], 0), (1, 60)][: 1 + sheet.lowered]:
        source = invitations.find(session.connection(), token, when)
        ratings = {"overall": rating, **dict(zip(slots, sheet.ratings[1:], strict=False))}
        meta = SubmissionMeta(f"key-{next(KEYS):016}", when + dt.timedelta(minutes=later), "vi", sheet.seconds)
        responses.record(session.connection(), factories.SECRET, source, asked, Answers(ratings), meta)


def province(session: Session, changed: Sequence[Callable[[Sheet], Sheet]], units: int = len(UNITS)) -> None:
    """Let 30 people of each unit answer, a third be silent, and change what two thirds of some units' people send."""
    root, chance = agencies.root(session).id, random.Random(7)
    for place, code in enumerate(UNITS[:units]):
        factories.agency(session, code, Level.COMMUNE, f"Xã {code}", f"Commune {code}", root)
        for number in range(30):
            sheet = honest(chance, number)
            give(session, code, changed[place](sheet) if place < len(changed) and number % 3 else sheet)
        for number in range(15):
            factories.invitation(session, code, when=MORNING + dt.timedelta(days=number))


def asked(session: Session, reader: Reader = Reader.PROVINCE) -> tuple[Scope, UnitSigns | None]:
    scope = scope_for(session, OCTOBER, agencies.root(session).id, reader=reader)
    return scope, unit_signs(session, scope, ASKED)


def test_what_is_done_at_one_unit_stands_out_there_alone(session: Session, client: FlaskClient) -> None:
    province(session, [at_once, fast, straight, lowered, one_day])
    _scope, result = asked(session)
    assert result is not None and result.enough
    assert result.compared == len(UNITS)
    signs = [Sign.AT_ONCE, Sign.FAST, Sign.STRAIGHT, Sign.LOWERED, Sign.FULL_DAY]
    places = {factories.agency_id(session, code): place for place, code in enumerate(UNITS)}
    assert [(places[one.unit], one.sign) for one in result.signs] == list(enumerate(signs))
    full = result.signs[-1]
    assert full.day == MORNING.date() + dt.timedelta(days=15) and full.k > 3 * full.usual
    official(session)
    official(session, "binh", UNITS[0])
    session.commit()
    with time_machine.travel(dt.datetime(2026, 10, 30, 5, tzinfo=dt.UTC), tick=False):
        sign_in(client)
        for language, words in (
            ("vi", "trong vòng 10 phút kể từ khi được mời"),
            ("en", "within 10 minutes of the invitation"),
        ):
            page = check_page(client.get(f"/staff/response-quality?period=2026-10&lang={language}"), language)
            assert words in " ".join(page.words.split())
        other = client.application.test_client()
        sign_in(other, "binh")
        assert 'id="unit-signs"' not in other.get("/staff/response-quality?period=2026-10").text


def test_few_units_are_not_compared_and_nobody_else_is_told(session: Session) -> None:
    assert asked(session)[1] == UnitSigns(0, ())
    assert not UnitSigns(9, ()).enough
    for reader in (Reader.UNIT, Reader.AUDITOR, Reader.PUBLIC):
        assert asked(session, reader)[1] is None
    closing.close(session, OCTOBER, dt.datetime(2026, 11, 5, tzinfo=dt.UTC), STANDARD)
    assert asked(session)[1] is None
