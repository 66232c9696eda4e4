"""Fill an empty database with the demonstration province, whole or not at all."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.collection import responses
from survey.collection.invitations import AnswerSource, timeliness
from survey.collection.privacy_notices import PrivacyNotices
from survey.collection.responses import Submitted
from survey.demo import cases, province
from survey.demo.answers import Given, People, at_the_counters
from survey.demo.full_form import FullForm
from survey.errors import Conflict
from survey.models import Base, Case, CaseOutcome, Channel, Installation, Invitation, Placement, PrivacyPage
from survey.organisation import procedures
from survey.organisation.agencies import by_id
from survey.periods import LOCAL_ZONE, local_day
from survey.questionnaires import Questionnaire
from survey.security.tokens import case_hash, keyed

BATCH = 5000
CORRECTED = 0.006
OUTCOMES = (CaseOutcome.GRANTED, CaseOutcome.REFUSED, CaseOutcome.GIVEN_UP)
OUTCOME_WEIGHTS = {False: (955, 33, 12), True: (85, 11, 4)}  # by whether the answer is at level 1 to 3
Columns = dict[str, Any]
T = TypeVar("T")
ShareFilled = Callable[[float], None]  # the share that is done, 0 to 1


def filled(session: Session) -> bool:
    """Return whether the demonstration is there.

    Raises:
        Conflict: the database holds real data, with which the demonstration is never mixed.
    """
    installation = session.get(Installation, 1)
    if installation is not None and installation.demo:
        return True
    real = installation is not None or bool(by_id(session))
    if real:
        raise Conflict("This database holds real data; the demonstration needs one of its own. Set DATABASE_URL.")
    return False


def fill(
    session: Session,
    secret: str,
    now: dt.datetime,
    days: int,
    progress: ShareFilled = lambda _share: None,
    scale: float = 1.0,
    privacy_notices: PrivacyNotices | None = None,
) -> None:
    """Load the province with its finished cases, invitations and answers up to yesterday.

    `days` is how long an invitation may be answered; `scale` multiplies the number of cases; `privacy_notices` is what
    the pages said on which people answered.
    """
    last = local_day(now) - dt.timedelta(days=1)
    first = cases.first_day(local_day(now))
    online = cases.first_day(local_day(now), cases.FULL_MONTHS)
    province.furnish(session, first)
    units = {one.code: (one.id, one.level.name.lower()) for one in by_id(session).values()}
    in_force = {code: one.id for code, one in procedures.in_force(session, last).items()}
    works = cases.works(units, in_force, scale)
    if privacy_notices is not None:
        privacy_notices.keep(session.connection(), first)
    before, span = online - dt.timedelta(days=1), (last - first).days + 1
    earlier = _Filler(session, secret, now, days, privacy_notices, "before ")
    _load(earlier, cases.growing(works, first, before), lambda day: progress((day - first).days / span * 0.95))
    earlier.open_answers(works, first, before)
    earlier.flush()
    filler = _Filler(session, secret, now, days, privacy_notices, written=earlier.written)
    of_full_months = cases.finished(works, online, last, earlier.written.cases)
    _load(filler, of_full_months, lambda day: progress((day - first).days / span * 0.95))
    filler.open_answers(works, online, last)
    filler.flush()
    _continue_numbering(session)
    progress(1.0)


def _load(filler: _Filler, finished: Iterator[cases.DemoCase], progress: Callable[[dt.date], None]) -> None:
    for case in finished:
        filler.case(case)
        if case.id % BATCH == 0:
            progress(case.day)


@dataclass
class _Written:
    """How many cases and answers have been written, from which the next ones are numbered on."""

    cases: int = 0
    keys: int = 0


class _Filler:
    """Gathers rows and writes them in batches, each after what it refers to; `dice` names its seeds."""

    def __init__(
        self,
        session: Session,
        secret: str,
        now: dt.datetime,
        days: int,
        privacy_notices: PrivacyNotices | None,
        dice: str = "",
        written: _Written | None = None,
    ) -> None:
        self.session, self.secret, self.now, self.days = session, secret, now, days
        self.privacy_notices = privacy_notices
        self.short: Questionnaire = questionnaires.asked_now(session)
        self.full: Questionnaire = questionnaires.asked_now(session, questionnaires.FULL)
        self.full_form = FullForm(self.short, self.full, f"{dice}full form")
        slots = {question.id: question.slot for question in self.short.questions if question.slot}
        self.people = People(slots, f"{dice}people")
        self.chance = random.Random(f"{dice}filling")
        self.endings = random.Random(f"{dice}outcomes")  # of its own, so that everything else stays as it is
        self.rows: dict[type[Base], list[Columns]] = {Case: [], Invitation: []}
        self.first: list[Submitted] = []  # of each link, and of each page at a counter
        self.later: list[Submitted] = []  # what takes the place of one of those
        self.written = written or _Written()

    def case(self, case: cases.DemoCase) -> None:
        """Keep a finished case, its invitation and perhaps its answer."""
        self.written.cases = case.id
        issued = self._issued(case.day)
        expires = issued + dt.timedelta(days=self.days)
        given = self.people.invited(case, issued, expires)
        outcome = self._outcome(given)
        self.rows[Case].append(self._case_row(case, outcome))
        self.rows[Invitation].append(
            {
                "id": case.id,
                "case_id": case.id,
                "token_hash": keyed(self.secret, "demo invitation", str(case.id)),  # nobody holds these links
                "issued_at": issued,
                "expires_at": expires,
            }
        )
        if given is not None and given.when < self.now:
            source = AnswerSource(
                Channel.INVITATION,
                case.work.agency_id,
                case.work.procedure_id,
                case.respondent,
                invitation_id=case.id,
                outcome=outcome,
                timeliness=timeliness(case.due, case.day),
            )
            self._answer(source, self.full_form.perhaps(given, case))
        if len(self.rows[Case]) >= BATCH:
            self.flush()

    def open_answers(self, works: list[cases.Work], first: dt.date, last: dt.date) -> None:
        """Keep the answers given by the open QR codes."""
        places = sa.select(Placement.agency_id, Placement.id).where(Placement.channel == Channel.OPEN)
        placements = {row.agency_id: row.id for row in self.session.execute(places)}
        for work, given in at_the_counters(self.people, works, first, last):
            place = placements[work.agency_id]
            source = AnswerSource(Channel.OPEN, work.agency_id, None, placement_id=place)
            self._answer(source, self.full_form.asked_somewhere(given))

    def _issued(self, day: dt.date) -> dt.datetime:
        minute = self.chance.randint(8 * 60, 17 * 60 + 30)
        return dt.datetime.combine(day, dt.time(minute // 60, minute % 60), LOCAL_ZONE).astimezone(dt.UTC)

    def _case_row(self, case: cases.DemoCase, outcome: CaseOutcome) -> Columns:
        return {
            "id": case.id,
            "code_hash": case_hash(self.secret, case.code),
            "receiving_agency_id": case.work.agency_id,
            "resolving_agency_id": case.work.agency_id,
            "procedure_id": case.work.procedure_id,
            "respondent": case.respondent,
            "filing": case.filing,
            "received_day": case.received,
            "due_day": case.due,
            "finished_day": case.day,
            "outcome": outcome,
        }

    def _outcome(self, given: Given | None) -> CaseOutcome:
        """Draw how a case ended: whoever is not satisfied was refused, or gave up, more often."""
        low = given is not None and given.answers.ratings["overall"] <= 3
        (outcome,) = self.endings.choices(OUTCOMES, OUTCOME_WEIGHTS[low])
        return outcome

    def _answer(self, source: AnswerSource, given: Given) -> None:
        self.first.append(self._submitted(source, given))
        if source.channel == Channel.INVITATION and self.chance.random() < CORRECTED:
            later = self.people.corrected(given)
            if later.when < self.now:
                self.later.append(self._submitted(source, later))

    def _submitted(self, source: AnswerSource, given: Given) -> Submitted:
        self.written.keys += 1
        page = PrivacyPage.KIOSK if source.channel == Channel.KIOSK else PrivacyPage.FORM
        shown = None if self.privacy_notices is None else self.privacy_notices.hashes[page]
        key = f"demo-{self.written.keys:016}"
        meta = responses.SubmissionMeta(key, given.when, given.language, given.seconds, privacy_notice=shown)
        return Submitted(source, self.full if given.full else self.short, given.answers, meta)

    def flush(self) -> None:
        """Write what has been gathered."""
        for table, rows in self.rows.items():
            for batch in _batches(rows):
                self.session.execute(sa.insert(cast("sa.Table", table.__table__)), batch)
            rows.clear()
        connection = self.session.connection()
        for answers in _batches(self.first):
            responses.record_many(connection, self.secret, answers)
        for one in self.later:
            responses.record(connection, self.secret, one.source, one.questionnaire, one.answers, one.meta)
        self.first.clear()
        self.later.clear()


def _batches(rows: list[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _continue_numbering(session: Session) -> None:
    """Let PostgreSQL number new rows after those that were written with their numbers."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in (Case, Invitation):
        name = cast("sa.Table", table.__table__).name
        highest = session.scalar(sa.select(sa.func.max(table.id)))
        session.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(f'"{name}"', "id"), highest)))
