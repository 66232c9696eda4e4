"""Of many random changes, removals, additions and moves by whoever holds the database, each is found and located."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.ledger.answers_check import check_answers
from survey.ledger.entries import COMMENTS, RESPONSES
from survey.ledger.log_check import History, check_log, signed
from survey.periods import local_day
from tests.support import factories
from tests.support.cases import answer
from tests.support.ledgers import NOON, Ledger

SHORT, LONG = 100, 2_000
Tampering = Callable[[Session, random.Random, int], object]


def change(session: Session, chance: random.Random, answer_id: int) -> object:
    """Change one value of an answer to that of another one, or to one beside it."""
    row = session.execute(sa.select(RESPONSES).where(RESPONSES.c.id == answer_id)).one()
    numbers = ["overall", "day", "agency_id", "r1", "seconds", "language", "receipt", "submitted_at"]
    name = chance.choice(numbers)
    value: Any = getattr(row, name)
    changed = {
        "overall": lambda: value % 5 + 1,
        "r1": lambda: (value or 0) % 5 + 1,
        "seconds": lambda: (value or 0) + 1,
        "agency_id": lambda: value % 5 + 1,
        "language": lambda: "en",
        "receipt": lambda: chance.randbytes(10),
    }.get(name, lambda: value.replace(day=value.day % 28 + 1))()
    session.execute(sa.update(RESPONSES).where(RESPONSES.c.id == answer_id).values({name: changed}))
    return answer_id


def recount(session: Session, chance: random.Random, answer_id: int) -> object:
    """Let an answer count, or not."""
    session.execute(sa.update(RESPONSES).where(RESPONSES.c.id == answer_id).values(counted=~RESPONSES.c.counted))
    return answer_id


def remove(session: Session, chance: random.Random, answer_id: int) -> object:
    """Take an answer out."""
    number = session.scalar(sa.select(RESPONSES.c.entry).where(RESPONSES.c.id == answer_id))
    session.execute(sa.delete(COMMENTS).where(COMMENTS.c.response_id == answer_id))
    session.execute(sa.delete(RESPONSES).where(RESPONSES.c.id == answer_id))
    return number


def add(session: Session, chance: random.Random, answer_id: int) -> object:
    """Put another answer in, as though it were an old one, or under the entry of one that is there."""
    row = dict(session.execute(sa.select(RESPONSES).where(RESPONSES.c.id == answer_id)).one()._mapping)
    row |= {"id": 5_000 + answer_id, "receipt": chance.randbytes(10), "overall": chance.randint(1, 5), "counted": True}
    if chance.random() < 0.5:
        row |= {"entry": None, "day": row["day"].replace(month=row["day"].month - 2)}
    row |= {"invitation_id": None, "channel": 2, "placement_id": 1}
    session.execute(sa.insert(RESPONSES), [row])
    return row["id"]


def move(session: Session, chance: random.Random, answer_id: int) -> object:
    """Give an answer the entry, and what opens it, of another one."""
    others = sa.select(RESPONSES.c.entry, RESPONSES.c.salt).where(RESPONSES.c.id != answer_id)
    other = chance.choice(session.execute(others).all())
    session.execute(sa.update(RESPONSES).where(RESPONSES.c.id == answer_id).values(entry=other.entry, salt=other.salt))
    return answer_id


def comment(session: Session, chance: random.Random, answer_id: int) -> object:
    """Change, remove or add a comment."""
    own = COMMENTS.c.response_id == answer_id
    there = session.scalar(sa.select(COMMENTS.c.response_id).where(own))
    if there is None:
        row = {"response_id": answer_id, "question": "S8", "text": "Rất tốt", "plain": "rat tot"}
        session.execute(sa.insert(COMMENTS), [row])
    elif chance.random() < 0.5:
        session.execute(sa.delete(COMMENTS).where(own))
    else:
        session.execute(sa.update(COMMENTS).where(own).values(text="Rất tốt"))
    return answer_id


def test_each_random_tampering_is_found_and_located(sealed: Ledger, campaign: bool) -> None:
    chance, missed, refused = random.Random("tampering"), [], 0
    with sealed.writing() as session:
        factories.placement(session)
        for place in range(30):
            answer(session, factories.invitation(session), place % 5 + 1, NOON, "Góp ý" if place % 4 == 0 else "")
    sealed.seal()
    with sealed.store.session(writes=True) as session:
        answers = list(session.scalars(sa.select(RESPONSES.c.id)))
        assert located(session) == set()
        session.rollback()
        for turn in range(LONG if campaign else SHORT):
            tampering = chance.choice((change, recount, remove, add, move, comment))
            try:
                named = tampering(session, chance, chance.choice(answers))
                if named not in located(session):
                    missed.append((turn, tampering.__name__, named))
            except sa.exc.IntegrityError:
                refused += 1  # the database does not let an answer count twice, nor one go that another one replaced
            session.rollback()
    assert missed == [] and refused < turn / 5


def located(session: Session) -> set[object]:
    """Return the numbers of answers and entries that are named."""
    history = History()
    found = list(check_log(session, signed(session, None), None, history))
    found += check_answers(session, history, local_day(NOON))
    return {one.values.get(name) for one in found for name in ("answer", "number")}
