"""Who answers, when and how: ratings that hang together, weekdays, delays, and an open channel that is rosier."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from survey.collection.answers import Answers
from survey.demo.cases import DemoCase, Work
from survey.demo.comments import Comments
from survey.models import Respondent
from survey.periods import LOCAL_ZONE

CUTS = (-0.95, -0.42, 0.0, 0.88)  # between the five ratings, in normal scores below and above "satisfied"
FACTORS = {  # question -> how much it is liked, how often people have no opinion of it
    "S2": (-0.18, 0.03),
    "S3": (-0.05, 0.05),
    "S4": (0.12, 0.30),
    "S5": (0.05, 0.04),
    "S6": (-0.10, 0.52),
}
SHARED = 0.78  # of each rating's spread is the person's mood, so that factors go together
LATE = -0.85
ROSIER = 0.75  # an officer stands beside the counter's QR
ONLY_FIRST = 0.36
REASONS = ("login", "form", "upload", "payment", "extra_papers", "visit", "late", "attitude", "no_reply", "other")
REASON_WEIGHTS = (24, 16, 17, 9, 15, 12, 6, 6, 9, 4)
HOURS = (0, 0, 0, 0, 0, 1, 3, 6, 9, 11, 9, 8, 5, 5, 7, 8, 8, 6, 6, 9, 11, 8, 4, 1)
OPEN_SHARE = 0.020  # open answers for each finished case of a commune


@dataclass(frozen=True)
class Given:
    """One answer before it is stored: the case or the agency it is about, and the moment."""

    answers: Answers
    when: dt.datetime
    language: str
    seconds: int
    full: bool = False  # on the full form instead of the short one


class People:
    """The people of the demonstration; the same seed gives the same answers."""

    def __init__(self, slots: Mapping[str, str], seed: str = "people") -> None:
        self.slots = slots  # question -> where its rating is kept
        self.chance = random.Random(seed)
        self.comments = Comments(random.Random(f"{seed} write"))

    def invited(self, case: DemoCase, issued: dt.datetime, expires: dt.datetime) -> Given | None:
        """Return what the person of a case answers, or None: most people do not."""
        liking = case.work.liking + case.work.drift * case.months
        if case.day > case.due:
            liking += LATE
        mood = self.chance.gauss(0, 1)
        willing = case.work.response_rate * (1.12 if abs(mood) > 1.3 else 0.97)  # strong feelings answer more
        if self.chance.random() >= willing:
            return None
        when = self._moment(issued, expires)
        late = case.day > case.due
        return self._given(liking, mood, when, case.respondent, late)

    def at_the_counter(self, work: Work, day: dt.date) -> Given:
        """Return what somebody answers who scans the QR in front of the counter."""
        clock = dt.time(self.chance.choice((8, 8, 9, 9, 10, 10, 14, 14, 15, 16)), self.chance.randrange(60))
        when = dt.datetime.combine(day, clock, LOCAL_ZONE) + dt.timedelta(seconds=self.chance.randrange(60))
        return self._given(work.liking + ROSIER, self.chance.gauss(0, 1), when, Respondent.CITIZEN, False)

    def corrected(self, given: Given) -> Given:
        """Return the second thoughts of somebody who opens the link again: one step up or down."""
        overall = given.answers.ratings["overall"]
        step = self.chance.choice((-1, 1)) if 1 < overall < 5 else (1 if overall == 1 else -1)
        answers = Answers(
            {**given.answers.ratings, "overall": overall + step}, given.answers.other, given.answers.comments
        )
        later = given.when + dt.timedelta(minutes=self.chance.randint(2, 90))
        return replace(given, answers=answers, when=later, seconds=self.chance.randint(15, 80))

    def _given(self, liking: float, mood: float, when: dt.datetime, respondent: Respondent, late: bool) -> Given:
        language = "en" if self.chance.random() < 0.012 else "vi"
        ratings = {"overall": self._rating(liking, mood)}
        other: dict[str, list[str]] = {}
        comments: dict[str, str] = {}
        if self.chance.random() >= ONLY_FIRST:
            for question, (like, silent) in FACTORS.items():
                if self.chance.random() < 0.08:
                    continue
                if self.chance.random() >= silent:  # whoever has no opinion leaves it blank
                    ratings[self.slots[question]] = self._rating(liking + like, mood)
            low = min(ratings.values()) <= 3
            if low and self.chance.random() < 0.72:
                other = {"S7": self._reasons(late)}
            if self.chance.random() < (0.40 if low else 0.13):
                comments = {"S8": self.comments.write(ratings["overall"], other.get("S7", []), language, respondent)}
        seconds = round(
            min(1500, self.chance.lognormvariate(3.1 + 0.13 * len(ratings) + (0.6 if comments else 0), 0.45))
        )
        return Given(Answers(ratings, other, comments), when, language, seconds)

    def _rating(self, liking: float, mood: float) -> int:
        felt: float = liking + SHARED * mood + (1 - SHARED**2) ** 0.5 * self.chance.gauss(0, 1)
        return 1 + sum(felt > cut for cut in CUTS)

    def _reasons(self, late: bool) -> list[str]:
        count = self.chance.choices((1, 2, 3), (0.6, 0.3, 0.1))[0]
        chosen = set(self.chance.choices(REASONS, REASON_WEIGHTS, k=count)) | ({"late"} if late else set())
        return [reason for reason in REASONS if reason in chosen]

    def _moment(self, issued: dt.datetime, expires: dt.datetime) -> dt.datetime:
        """Draw a moment of the day people like, soon after the invitation and before it closes."""
        days = min(6.0, self.chance.expovariate(1 / 1.1))
        local = issued.astimezone(LOCAL_ZONE) + dt.timedelta(days=int(days))
        hour = self.chance.choices(range(24), HOURS)[0]
        drawn = local.replace(hour=hour, minute=self.chance.randrange(60), second=self.chance.randrange(60))
        soon = issued + dt.timedelta(minutes=self.chance.randint(2, 200))
        return min(drawn if drawn > issued else soon, expires - dt.timedelta(hours=2))


def at_the_counters(people: People, works: list[Work], first: dt.date, last: dt.date) -> Iterator[tuple[Work, Given]]:
    """Yield the answers of the open channel, unit by unit and day by day."""
    chance = people.chance
    busiest: dict[str, Work] = {}
    monthly: dict[str, float] = {}
    for work in works:
        busiest.setdefault(work.agency_code, work)
        monthly[work.agency_code] = monthly.get(work.agency_code, 0.0) + work.a_month
    for ahead in range((last - first).days + 1):
        day = first + dt.timedelta(days=ahead)
        for code, work in busiest.items():
            if day.weekday() < 5 and chance.random() < 0.9:
                expected = monthly[code] / 22 * OPEN_SHARE
                for _ in range(int(expected) + (chance.random() < expected % 1)):
                    yield work, people.at_the_counter(work, day)
