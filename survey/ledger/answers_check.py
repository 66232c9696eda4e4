"""Check the answers against the ledger: each is there once, as it was sealed, and none was added."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.slices import rows_in
from survey.ledger import discrepancies as words
from survey.ledger import tree
from survey.ledger.discrepancies import Discrepancy
from survey.ledger.entries import (
    COMMENTS,
    RESPONSES,
    EntryKind,
    answer_content,
    comment_mark,
    commitment,
    is_cut,
)
from survey.ledger.events import TABLE as EVENTS
from survey.ledger.log_check import History
from survey.models import Channel
from survey.periods import half_month

_AT_ONCE = 2_000
_DECODE = json.JSONDecoder().decode
AT_ONCE = (Channel.INVITATION, Channel.OPEN, Channel.KIOSK)  # sheets may be put in long after their day
LONGEST_WAIT = dt.timedelta(days=9)  # an answer may wait on its device for a week, and seven days for its case
_SEALED = sa.select(RESPONSES).where(RESPONSES.c.entry.is_not(None)).order_by(RESPONSES.c.entry, RESPONSES.c.id)
_SUPERSEDED = sa.select(RESPONSES.c.supersedes_id).where(RESPONSES.c.supersedes_id.is_not(None))
_WAITING = sa.select(RESPONSES).where(RESPONSES.c.entry.is_(None)).order_by(RESPONSES.c.id)
HalfMonth = tuple[str, str]  # its first and last day


class Halves:
    """How many answers of each half of a month the ledger knew before their links were cut, and how many after it."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.cut, self.before, self.after, self.waiting = (Counter[HalfMonth]() for _ in range(4))
        for _, about in history.cuts:
            self.cut[about["first"], about["last"]] += about["answers"]

    def add(self, number: int, content: Mapping[str, Any]) -> None:
        """Take an entry of an answer."""
        if content.get("kind") == EntryKind.KEPT:
            half = (content.get("first", ""), content.get("last", ""))
            if half in self.cut or (self.history.started is not None and number > self.history.started):
                self.after[half] += 1  # else it was cut before there was a ledger
        elif (left := self.cut_later(number, content)) is not None:
            self.before[left] += 1

    def cut_later(self, number: int, content: Mapping[str, Any]) -> HalfMonth | None:
        """Return the half of an answer whose link was cut since, so that another entry tells of it."""
        if content.get("channel") != "invitation":
            return None
        cuts = ((cut["first"], cut["last"]) for at, cut in self.history.cuts if number < at)
        return next((half for half in cuts if half[0] <= content.get("day", "") <= half[1]), None)

    def discrepancies(self, sealed: bool) -> Iterator[Discrepancy]:
        """Yield the halves whose numbers do not agree."""
        for half in sorted(self.cut | self.after | (self.waiting if sealed else {})):
            after = self.after[half] + self.waiting[half]
            if not self.cut[half] == self.before[half] == after:
                numbers = {"before": self.before[half], "after": after}
                yield Discrepancy(words.CUT_NUMBER, {"first": half[0], "last": half[1], **numbers})


def check_answers(session: Session, history: History, newest_day: dt.date | None) -> Iterator[Discrepancy]:
    """Yield each answer that is not as the ledger has it; `newest_day` is that of the newest checkpoint."""
    pending = _pending(session)
    cuts = session.scalars(sa.select(EVENTS.c.about).where(EVENTS.c.kind == EntryKind.LINKS_CUT))
    history.cuts += [(history.size, about) for about in cuts]  # without a number yet
    halves = Halves(history)
    superseded = set(session.scalars(_SUPERSEDED))
    rows = _batches(session)
    batch: list[sa.Row[Any]] = next(rows, [])
    place = 0
    comments = _comments(session, batch)
    entries = session.execute(
        sa.select(tree.ENTRIES.c.number, tree.ENTRIES.c.content).order_by(tree.ENTRIES.c.number),
        execution_options={"yield_per": _AT_ONCE},
    )
    for number, raw in entries:
        there, content = False, _read(raw)
        while True:
            if place == len(batch) and batch:
                batch, place = next(rows, []), 0
                comments = _comments(session, batch)
            if not batch or batch[place].entry > number:
                break
            row, place = batch[place], place + 1
            if row.entry < number or there:
                yield _about(words.TWICE, row)
                continue
            there = True
            if content.get("kind") not in (EntryKind.ANSWER, EntryKind.KEPT):
                yield _about(words.ADDED_ANSWER, row)
                continue
            happened = [*history.of_answers.get(number, ()), *pending.get(row.id, ())]
            yield from _check(row, content, happened, comments[row.id], row.id in superseded)
        halves.add(number, content)
        lost = not there and content.get("kind") in (EntryKind.ANSWER, EntryKind.KEPT)
        if lost and halves.cut_later(number, content) is None:
            yield Discrepancy(words.REMOVED_ANSWER, {"number": number, "day": _day(content)})
    while batch:
        yield from (_about(words.ADDED_ANSWER, row) for row in batch[place:])
        batch, place = next(rows, []), 0
    yield from _waiting(session, newest_day, halves)
    yield from halves.discrepancies(newest_day is not None)


def _check(
    row: sa.Row[Any],
    content: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    comments: Sequence[sa.Row[Any]],
    superseded: bool,
) -> Iterator[Discrepancy]:
    sealed = next(
        (event["commitment"] for event in reversed(events) if "commitment" in event), content.get("commitment", "")
    )
    kinds = [event["kind"] for event in events]
    if any(event["kind"] == EntryKind.CORRECTED and "commitment" not in event for event in events):
        return  # it is told with the next sealing what it is now
    counted = _sealed_as_counted(row, sealed)
    if counted is None:
        yield _about(words.CHANGED_ANSWER, row)
    elif row.counted != _counts(counted, events, superseded):
        yield _about(words.CHANGED_COUNTING, row)
    marks = dict(row.comment_marks or {})
    for comment in comments:
        mark = marks.pop(comment.question, None)
        if mark is None:
            yield _about(words.ADDED_COMMENT, row, question=comment.question)
        elif comment.salt is None or comment_mark(comment.salt, comment) != mark:
            yield _about(words.CHANGED_COMMENT, row, question=comment.question)
    if EntryKind.COMMENTS_ERASED not in kinds:
        yield from (_about(words.REMOVED_COMMENT, row, question=question) for question in marks)


def _sealed_as_counted(row: sa.Row[Any], sealed: str) -> bool | None:
    """Return whether the answer counted when it was sealed; None if what is sealed is not what is stored."""
    if row.salt is None:
        return None
    for counted in (row.counted, not row.counted):
        if commitment(row.salt, answer_content(row, row.comment_marks, counted)) == sealed:
            return bool(counted)
    return None


def _counts(counted: bool, events: Sequence[Mapping[str, Any]], superseded: bool) -> bool:
    """Return whether an answer counts now, after all that happened to it."""
    for event in events:
        counted = event.get("counts", counted and event["kind"] != EntryKind.TAKEN_BACK)
    return counted and not superseded


def _waiting(session: Session, newest_day: dt.date | None, halves: Halves) -> Iterator[Discrepancy]:
    """Yield what waits for its number though it cannot have come just now; count what waits because of a cut."""
    for row in session.execute(_WAITING):
        if is_cut(row):
            halves.waiting[_half(row.day)] += 1
        elif row.channel in AT_ONCE and newest_day is not None and row.day < newest_day - LONGEST_WAIT:
            yield _about(words.ADDED_ANSWER, row)


def _batches(session: Session) -> Iterator[list[sa.Row[Any]]]:
    rows = session.execute(_SEALED, execution_options={"yield_per": _AT_ONCE})
    yield from (list(batch) for batch in rows.partitions(_AT_ONCE))


def _comments(session: Session, batch: Sequence[sa.Row[Any]]) -> Mapping[int, list[sa.Row[Any]]]:
    comments: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows_in(session, sa.select(COMMENTS), COMMENTS.c.response_id, [row.id for row in batch]):
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
    return str(content.get("day", content.get("first", "")))


def _read(raw: bytes) -> Mapping[str, Any]:
    try:
        read = _DECODE(str(raw, "utf-8"))  # a million times: json.loads looks for the encoding of bytes
    except ValueError:
        return {}  # said of the ledger itself
    return read if isinstance(read, dict) else {}
