"""The full form: who goes on to it after the short one, and what they say; and where in a portal people were asked.

It has its own dice, so that everything else in the demonstration stays as it is.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from survey.collection.answers import ENDS, Answers
from survey.demo.answers import FACTORS, Given
from survey.demo.cases import DemoCase
from survey.models import NO_OPINION, Filing, Respondent
from survey.questionnaires import Question, Questionnaire

SHARE = 0.025  # of those who answer by invitation
SKIPPED = 0.04
OFFICIOUS = {"H61.6": 0.38, "H61.121": 0.30}  # units whose officers do it in people's stead, to be found on the page
SELDOM = 0.05
FROM_PORTAL = 0.15  # of the open answers: the rest scan a poster
PLACES = {True: (90, 8, 2), False: (35, 40, 25)}  # satisfied or not -> how often asked at each of ENDS
OUGHT = {"other", "no_answer", "unknown", "pending"}  # what few people choose


class FullForm:
    """Turns some short answers into sheets of the full form; the same seed gives the same sheets."""

    def __init__(self, short: Questionnaire, full: Questionnaire, seed: str = "full form") -> None:
        self.full = full
        self.chance = random.Random(seed)
        self.kept = {str(question.factor): question for question in short.questions if question.slot}

    def perhaps(self, given: Given, case: DemoCase) -> Given:
        """Return the answer, or for few people what they say on the full form instead."""
        if self.chance.random() >= SHARE:
            return given
        ratings = {question.slot: self._rating(question, given) for question in self.full.questions if question.slot}
        ratings["overall"] = given.answers.ratings["overall"]
        other_answers = {
            question.id: self._answer(question, case) for question in self.full.questions if not question.slot
        }
        other_answers["B23"] = given.answers.other.get("S7")
        if other_answers["C3"] != "1":
            other_answers["C3a"] = None
        written = next(iter(given.answers.comments.values()), "")
        answers = Answers(
            {slot: rating for slot, rating in ratings.items() if slot and rating},
            {code: value for code, value in other_answers.items() if value},
            {"C5": written} if written else {},
        )
        return replace(given, answers=answers, full=True, seconds=given.seconds + self.chance.randint(120, 420))

    def asked_somewhere(self, given: Given) -> Given:
        """Return an open answer, with where the portal asked it if it came from there."""
        if self.chance.random() >= FROM_PORTAL:
            return given
        (end,) = self.chance.choices(ENDS, PLACES[given.answers.ratings["overall"] >= 4])
        return replace(given, answers=replace(given.answers, other={**given.answers.other, "end": end}))

    def _rating(self, question: Question, given: Given) -> int:
        """Rate near what the short form says of the same factor, or else overall."""
        similar = self.kept.get(str(question.factor))
        if self.chance.random() < SKIPPED:
            return 0
        if similar and self.chance.random() < FACTORS.get(similar.id, (0, 0))[1]:
            return NO_OPINION
        overall = given.answers.ratings["overall"]
        near = given.answers.ratings.get(str(similar.slot), overall) if similar else overall
        step = self.chance.choices((-1, 0, 1), (16, 68, 16))[0]
        return max(1, min(5, (overall if near == NO_OPINION else near) + step))

    def _answer(self, question: Question, case: DemoCase) -> Any:
        if question.kind in ("text", "multi") or self.chance.random() < SKIPPED:
            return None
        if question.kind == "grid":
            values = [option.value for option in question.options]
            return {row.value: self.chance.choices(values, range(1, len(values) + 1))[0] for row in question.rows}
        if question.id == "A1":
            return "business" if case.respondent == Respondent.BUSINESS else "citizen"
        if question.id == "A3":
            return "toan_trinh" if case.filing == Filing.ONLINE else "mot_phan"
        if question.id == "A5":
            return "late" if case.day > case.due else self.chance.choice(("on_time", "on_time", "early"))
        return self._one(question, case)

    def _one(self, question: Question, case: DemoCase) -> str:
        values = [option.value for option in question.options]
        officer = OFFICIOUS.get(case.work.agency_code, SELDOM)
        if question.quality == "coerced_by":
            return self.chance.choices(values, (6, 2, 1, 1))[0]
        if values == ["1", "0"] or values == ["0", "1"]:
            often = officer / 2 if question.quality else 0.02
            return "1" if self.chance.random() < often else "0"
        if "officer" in values:
            rest = (1 - officer) / (len(values) - 1)
            weights = [officer if value == "officer" else rest for value in values]
            weights[0] += 2 * rest
            return self.chance.choices(values, weights)[0]
        weights = [0.1 if value in OUGHT else 1.0 for value in values]
        return self.chance.choices(values, weights)[0]
