"""Cheating simulated: in a province whose honest units differ, which unit signs name those who answer for others?

Each month has `UNITS` units that differ honestly, by logit-normal laws, on purpose not those of the test: how many
answer, how soon, how fast, how alike their ratings, how uneven their days. At some of them an officer answers on the
phones of others: soon after the invitation, quickly, all fives. The product itself writes and reads everything.
`HAILONG_BENCH_MONTHS` names another number of months. docs/trust.en.md has what came of it.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

import migrations
from survey import questionnaires
from survey.collection import invitations, responses
from survey.collection.answers import Answers
from survey.collection.invitations import AnswerSource
from survey.collection.responses import Submitted
from survey.db.engine import Database
from survey.models import Agency, Case, Channel, Invitation, Level, Respondent
from survey.organisation import agencies
from survey.periods import LOCAL_ZONE, parse
from survey.questionnaires import Questionnaire
from survey.results.scope import Standard, scope_for
from survey.results.unit_signs import UnitSigns, unit_signs
from tests.support import factories

MONTHS, UNITS = 6, 60
FALSE_SHARES = (0.1, 0.2, 0.3, 0.5)  # of a unit's answers; each at two units a month
EACH = 2
OCTOBER = parse("2026-10")
FIRST = dt.datetime(2026, 10, 1, 9, tzinfo=LOCAL_ZONE)
DAYS = 24  # of invitations, so that most are answered within the month
SEED = 20261130


class Office:
    """What is usual at one unit: drawn once, and honest; `false` is the share of its answers that an officer gives."""

    def __init__(self, chance: np.random.Generator, false: float) -> None:
        self.chance, self.false = chance, false
        self.cases = int(np.clip(chance.lognormal(5.2, 0.6), 40, 900))
        self.answering = self._share(0.30, 0.35)
        self.at_once = self._share(0.12, 0.5)
        self.fast = self._share(0.04, 0.6)
        self.straight = self._share(0.45, 0.3)
        self.uneven = 0.3 * np.exp(0.3 * chance.normal())

    def _share(self, usual: float, spread: float) -> float:
        return float(1 / (1 + np.exp(-np.log(usual / (1 - usual)) - spread * self.chance.normal())))

    def honest(self, issued: dt.datetime) -> tuple[dt.datetime, int, list[int]]:
        """Return when somebody answers, after how many seconds, and with which ratings."""
        chance = self.chance
        minutes = chance.uniform(1, 10) if chance.random() < self.at_once else 10 + chance.exponential(1500)
        seconds = int(chance.integers(3, 12)) if chance.random() < self.fast else int(chance.lognormal(3.7, 0.4)) + 12
        rating = int(chance.choice((2, 3, 4, 5), p=(0.03, 0.07, 0.35, 0.55)))
        ratings = [rating] * 6
        if chance.random() >= self.straight:
            ratings[1 + int(chance.integers(5))] = 4 if rating != 4 else 5
        return issued + dt.timedelta(minutes=min(minutes, 9500.0)), seconds, ratings

    def forged(self, issued: dt.datetime) -> tuple[dt.datetime, int, list[int]]:
        """Return what an officer sends on somebody's phone at the desk."""
        return issued + dt.timedelta(minutes=self.chance.uniform(1, 6)), int(self.chance.integers(5, 11)), [5] * 6


def run() -> None:
    """Print of how many honest units the product names any, and from which share of false answers it names others."""
    months = int(os.environ.get("HAILONG_BENCH_MONTHS", str(MONTHS)))
    honest, named, signs = Counter[bool](), Counter[tuple[float, bool]](), Counter[str]()
    for month in range(months):
        with tempfile.TemporaryDirectory() as folder, Database(f"sqlite:///{Path(folder) / 'month.db'}") as database:
            migrations.migrate(database)
            with database.session(writes=True) as session:
                factories.furnish(session)
                offices, result = simulated(session, SEED + month)
        print(f"  month {month + 1} of {months}", flush=True)
        flagged = {one.unit for one in result.signs}
        for unit, office in offices.items():
            if office.false:
                named[office.false, unit in flagged] += 1
            else:
                honest[unit in flagged] += 1
        signs.update(one.sign.value for one in result.signs if not offices[one.unit].false)
    print(
        f"  honest: {honest[True]} of {honest.total()} unit-months with a sign (at most 1 %) {dict(signs)}", flush=True
    )
    for share in FALSE_SHARES:
        every = named[share, True] + named[share, False]
        print(f"  {share:.0%} false: {named[share, True]} of {every} unit-months named", flush=True)


def simulated(session: Session, seed: int, units: int = UNITS) -> tuple[dict[int, Office], UnitSigns]:
    """Fill a month of a furnished province; return its units with what was done, and what the product says of them."""
    chance = np.random.default_rng(seed)
    root, sheet = agencies.root(session).id, questionnaires.asked_now(session)
    doses = [share for share in FALSE_SHARES for _ in range(EACH)]
    offices: dict[int, Office] = {}
    for place in range(units):
        unit = factories.agency(session, f"H61.{100 + place}", Level.COMMUNE, f"Xã {place}", f"Commune {place}", root)
        offices[unit.id] = Office(chance, doses[place] if place < len(doses) else 0.0)
        _month(session, unit, offices[unit.id], sheet)
    result = unit_signs(session, scope_for(session, OCTOBER, root), Standard("0.90", 0.95))
    assert result is not None and result.enough
    return offices, result


def _month(session: Session, unit: Agency, office: Office, sheet: Questionnaire) -> None:
    chance, procedure = office.chance, factories.procedure_id(session)
    about = {"receiving_agency_id": unit.id, "resolving_agency_id": unit.id, "procedure_id": procedure}
    day = chance.integers(0, DAYS, office.cases)
    rows = [
        {
            **about,
            "code_hash": chance.bytes(16),
            "respondent": Respondent.CITIZEN,
            "finished_day": ahead,
        }
        for ahead in ((FIRST + dt.timedelta(days=int(one))).date() for one in day)
    ]
    cases = list(session.scalars(sa.insert(Case).returning(Case.id, sort_by_parameter_order=True), rows))
    willing = np.exp(office.uneven * chance.normal(size=DAYS) - office.uneven**2 / 2)
    slots = [question.slot for question in sheet.questions if question.slot and question.slot != "overall"]
    sent: list[Submitted] = []
    for later in range(DAYS):
        issued = FIRST + dt.timedelta(days=later)
        of_day = [case for case, one in zip(cases, day, strict=True) if one == later]
        invitations.issue(session, of_day, issued, 7)
        keys = session.scalars(sa.select(Invitation.id).where(Invitation.case_id.in_(of_day))).all()
        answering = chance.random(len(keys)) < min(0.9, office.answering * willing[later])
        silent = np.flatnonzero(~answering)
        false = min(silent.size, int(chance.binomial(answering.sum(), office.false) / (1 - office.false) + 0.5))
        forged = set(silent[:false].tolist())
        for place, key in enumerate(keys):
            if not answering[place] and place not in forged:
                continue
            when, seconds, ratings = office.forged(issued) if place in forged else office.honest(issued)
            source = AnswerSource(Channel.INVITATION, unit.id, procedure, Respondent.CITIZEN, invitation_id=key)
            answers = Answers({"overall": ratings[0], **dict(zip(slots, ratings[1:], strict=False))})
            meta = responses.SubmissionMeta(f"key-{key:016}", when, "vi", seconds)
            sent.append(Submitted(source, sheet, answers, meta))
    responses.record_many(session.connection(), factories.SECRET, sent)
