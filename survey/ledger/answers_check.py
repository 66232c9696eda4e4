"""Check the answers against the ledger: each is there once, as it was sealed, and none was added."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.ledger import discrepancies as said
from survey.ledger import tree
from survey.ledger.discrepancies import Discrepancy
from survey.ledger.entries import (
    COMMENTS,
    RESPONSES,
    UNCOUNTING,
    Kind,
    answer_content,
    comment_mark,
    commitment,
    is_cut,
)
from survey.ledger.events import TABLE as EVENTS
from survey.ledger.log_check import Told
from survey.periods import half_month

_AT_ONCE = 2_000
LONGEST_WAIT = dt.timedelta(days=9)  # an answer may wait on its device for a week, and seven days for its case
_SEALED = sa.select(RESPONSES).where(RESPONSES.c.entry.is_not(None)).order_by(RESPONSES.c.entry, RESPONSES.c.id)
_WAITING = sa.select(RESPONSES).where(RESPONSES.c.entry.is_(None)).order_by(RESPONSES.c.id)
Half = tuple[str, str]  # its first and last day


class Halves:
    """How many answers of each half of a month the ledger knew before their links were cut, and how many after it."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.cut, self.before, self.after, self.waiting = (Counter[Half]() for _ in range(4))
        for _, content in told.cuts:
            self.expect(content)

    def expect(self, about: Mapping[str, Any]) -> None:
        """Take how many answers a cut is told to be about."""
        self.cut[about["first"], about["last"]] += about["answers"]

    def add(self, number: int, content: Mapping[str, Any]) -> None:
        """Take an entry of an answer."""
        if content.get("kind") == Kind.KEPT:
            half = (content["first"], content["last"])
            if half in self.cut or (self.told.started is not None and number > self.told.started):
                self.after[half] += 1  # else it was cut before there was a ledger
        elif (left := self.cut_later(number, content)) is not None:
            self.before[left] += 1

    def cut_later(self, number: int, content: Mapping[str, Any]) -> Half | None:
        """Return the half of an answer whose link was cut since, so that another entry tells of it."""
        if content.get("channel") != "invitation":
            return None
        cuts = ((cut["first"], cut["last"]) for at, cut in self.told.cuts if number < at)
        return next((half for half in cuts if half[0] <= content["day"] <= half[1]), None)

    def discrepancies(self, sealed: bool) -> Iterator[Discrepancy]:
        """Yield the halves whose numbers do not agree."""
        for half in sorted(self.cut | self.after | (self.waiting if sealed else {})):
            after = self.after[half] + self.waiting[half]
            if not self.cut[half] == self.before[half] == after:
                numbers = {"before": self.before[half], "after": after}
                yield Discrepancy(said.CUT_NUMBER, {"first": half[0], "last": half[1], **numbers})


def check_answers(session: Session, told: Told, newest_day: dt.date | None) -> Iterator[Discrepancy]:
    """Yield each answer that is not as the ledger has it; `newest_day` is that of the newest checkpoint."""
    pending = _pending(session)
    halves = Halves(told)
    rows = _batches(session)
    batch: list[sa.Row[Any]] = next(rows, [])
    place = 0
    comments = _comments(session, batch)
    entries = session.execute(
        sa.select(tree.ENTRIES.c.number, tree.ENTRIES.c.content).order_by(tree.ENTRIES.c.number),
        execution_options={"yield_per": _AT_ONCE},
    )
    for number, raw in entries:
        found = False
        while True:
            if place == len(batch) and batch:
                batch, place = next(rows, []), 0
                comments = _comments(session, batch)
            if not batch or batch[place].entry > number:
                break
            row, place = batch[place], place + 1
            if row.entry < number or found:
                yield _about(said.TWICE, row)
                continue
            found = True
            content = _read(raw)
            if content.get("kind") not in (Kind.ANSWER, Kind.KEPT):
                yield _about(said.ADDED_ANSWER, row)
                continue
            happened = [*told.of_answers.get(number, ()), *pending.get(row.id, ())]
            yield from _check(row, content, happened, comments[row.id])
        content = _read(raw)
        halves.add(number, content)
        lost = not found and content.get("kind") in (Kind.ANSWER, Kind.KEPT)
        if lost and halves.cut_later(number, content) is None:
            yield Discrepancy(said.REMOVED_ANSWER, {"number": number, "day": _day(content)})
    while batch:
        yield from (_about(said.ADDED_ANSWER, row) for row in batch[place:])
        batch, place = next(rows, []), 0
    yield from _waiting(session, newest_day, halves)
    waiting_cuts = sa.select(EVENTS.c.about).where(EVENTS.c.kind == Kind.LINKS_CUT)
    if not session.scalar(sa.select(sa.exists(waiting_cuts))):  # else the numbers are told with the next sealing
        yield from halves.discrepancies(newest_day is not None)


def _check(
    row: sa.Row[Any], content: Mapping[str, Any], happened: Sequence[Mapping[str, Any]], comments: Sequence[sa.Row[Any]]
) -> Iterator[Discrepancy]:
    sealed, counts, erased, waits = content["commitment"], content["counts"], False, False
    for event in happened:
        sealed = event.get("commitment", sealed)
        counts = event.get("counts", False if event["kind"] in UNCOUNTING else counts)
        erased = erased or event["kind"] == Kind.COMMENTS_ERASED
        waits = waits or (event["kind"] == Kind.CORRECTED and "commitment" not in event)
    if not waits and (row.salt is None or commitment(row.salt, answer_content(row, row.comment_marks)) != sealed):
        yield _about(said.CHANGED_ANSWER, row)
    elif row.counted != counts:
        yield _about(said.CHANGED_COUNTING, row)
    marks = dict(row.comment_marks or {})
    for comment in comments:
        mark = marks.pop(comment.question, None)
        if mark is None:
            yield _about(said.ADDED_COMMENT, row, question=comment.question)
        elif comment.salt is None or comment_mark(comment.salt, comment) != mark:
            yield _about(said.CHANGED_COMMENT, row, question=comment.question)
    if not erased:
        yield from (_about(said.REMOVED_COMMENT, row, question=question) for question in marks)


def _waiting(session: Session, newest_day: dt.date | None, halves: Halves) -> Iterator[Discrepancy]:
    """Yield what waits for its number though it cannot have come just now; count what waits because of a cut."""
    for row in session.execute(_WAITING):
        if is_cut(row):
            halves.waiting[_half(row.day)] += 1
        elif newest_day is not None and row.day < newest_day - LONGEST_WAIT:
            yield _about(said.ADDED_ANSWER, row)


def _batches(session: Session) -> Iterator[list[sa.Row[Any]]]:
    rows = session.execute(_SEALED, execution_options={"yield_per": _AT_ONCE})
    yield from (list(batch) for batch in rows.partitions(_AT_ONCE))


def _comments(session: Session, batch: Sequence[sa.Row[Any]]) -> Mapping[int, list[sa.Row[Any]]]:
    comments: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    numbers = [row.id for row in batch]
    for start in range(0, len(numbers), 500):
        own = COMMENTS.c.response_id.in_(numbers[start : start + 500])
        for row in session.execute(sa.select(COMMENTS).where(own)):
            comments[row.response_id].append(row)
    return comments


def _pending(session: Session) -> Mapping[int, list[Mapping[str, Any]]]:
    """Return what happened to answers and has no number yet, by the answer's row."""
    pending: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    events = sa.select(EVENTS).where(EVENTS.c.response_id.is_not(None)).order_by(EVENTS.c.id)
    for row in session.execute(events):
        pending[row.response_id].append({"kind": row.kind, **row.about})
    return pending


def _about(message: str, row: sa.Row[Any], **more: str) -> Discrepancy:
    values = {"answer": row.id, "number": -1 if row.entry is None else row.entry, "day": row.day.isoformat()}
    return Discrepancy(message, {**values, **more})


def _half(day: dt.date) -> tuple[str, str]:
    first, last = half_month(day)
    return first.isoformat(), last.isoformat()


def _day(content: Mapping[str, Any]) -> str:
    return str(content["day"] if "day" in content else content["first"])


def _read(raw: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(raw)
    except ValueError:
        return {}  # said of the ledger itself
    return read if isinstance(read, dict) else {}
