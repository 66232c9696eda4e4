"""Give what happened its number in the ledger: answers in the order of their rows, then what happened to them.

A transaction that ends early leaves all of it waiting; one at a time gives numbers, so there is no gap and no double.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.engine import Lock, exclusively
from survey.db.slices import ROWS
from survey.ledger import tree
from survey.ledger.entries import (
    COMMENTS,
    RESPONSES,
    SALT_BYTES,
    EntryKind,
    answer_content,
    answer_entry,
    comment_mark,
    commitment,
    entry,
)
from survey.ledger.events import TABLE as EVENTS
from survey.ledger.merkle import leaf_hash

_WAITING = sa.select(RESPONSES).where(RESPONSES.c.entry.is_(None)).order_by(RESPONSES.c.id)
_EVENTS = (
    sa.select(EVENTS, RESPONSES.c.entry)
    .outerjoin(RESPONSES, RESPONSES.c.id == EVENTS.c.response_id)
    .where(sa.or_(EVENTS.c.response_id.is_(None), RESPONSES.c.entry.is_not(None)))
    .order_by(EVENTS.c.id)
)
_PLACE = (
    sa.update(RESPONSES)
    .where(RESPONSES.c.id == sa.bindparam("of"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("entry", "salt", "comment_marks")})
)
_MARK = (
    sa.update(COMMENTS)
    .where(COMMENTS.c.response_id == sa.bindparam("of"), COMMENTS.c.question == sa.bindparam("on"))
    .values(salt=sa.bindparam("new_salt"))
)


def number_all(session: Session) -> None:
    """Give everything its number that waits for one."""
    while number_next(session):
        pass


def number_next(session: Session, most: int = ROWS) -> int:
    """Give at most so many entries their numbers; return how many there were."""
    exclusively(session, Lock.LEDGER)
    first = tree.size(session)
    rows = session.execute(_WAITING.limit(most)).all()
    contents = _answers(session, first, rows)
    if len(contents) < most:
        events = session.execute(_EVENTS.limit(most - len(contents))).all()
        contents += _happened(session, events)
    if contents:
        _append(session, first, contents)
    return len(contents)


def waits(session: Session) -> bool:
    """Return whether anything has no number yet, or one that no checkpoint covers."""
    newest = tree.newest_checkpoint(session)
    if tree.size(session) > (0 if newest is None else newest.size):
        return True
    return any(session.execute(waiting.limit(1)).first() is not None for waiting in (_WAITING, _EVENTS))


def _append(session: Session, first: int, contents: Sequence[bytes]) -> None:
    rows = [
        {"number": first + place, "content": content, "leaf": leaf_hash(content)}
        for place, content in enumerate(contents)
    ]
    session.execute(sa.insert(tree.ENTRIES), rows)
    for row in tree.subtrees_between(session, first, first + len(contents)):
        session.execute(sa.insert(tree.SUBTREES), [row])


def _answers(session: Session, first: int, rows: Sequence[sa.Row[Any]]) -> list[bytes]:
    """Return the entries of answers, once each has its number and what opens the entry."""
    comments = _comments(session, [row.id for row in rows])
    contents, places, marked = [], [], list[dict[str, Any]]()
    for place, row in enumerate(rows):
        salt, marks = secrets.token_bytes(SALT_BYTES), dict[str, str]()
        for comment in comments[row.id]:
            own = secrets.token_bytes(SALT_BYTES)
            marks[comment.question] = comment_mark(own, comment)
            marked.append({"of": row.id, "on": comment.question, "new_salt": own})
        contents.append(answer_entry(row, salt, marks))
        places.append({"of": row.id, "new_entry": first + place, "new_salt": salt, "new_comment_marks": marks or None})
    if places:
        session.connection().execute(_PLACE, places)
    if marked:
        session.connection().execute(_MARK, marked)
    return contents


def _happened(session: Session, events: Sequence[sa.Row[Any]]) -> list[bytes]:
    """Return the entries of events, which wait no more."""
    corrected = _rows(session, [event.response_id for event in events if event.kind == EntryKind.CORRECTED])
    contents = []
    for event in events:
        about = dict(event.about)
        if event.response_id is not None:
            about["answer"] = event.entry
        if event.kind == EntryKind.CORRECTED:
            row = corrected[event.response_id]
            about["commitment"] = commitment(row.salt, answer_content(row, row.comment_marks, row.counted))
        contents.append(entry(EntryKind(event.kind), event.day, **about))
    if events:
        session.execute(sa.delete(EVENTS).where(EVENTS.c.id.in_([event.id for event in events])))
    return contents


def _comments(session: Session, answers: Iterable[int]) -> Mapping[int, list[sa.Row[Any]]]:
    comments: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in session.execute(sa.select(COMMENTS).where(COMMENTS.c.response_id.in_(list(answers)))):
        comments[row.response_id].append(row)
    return comments


def _rows(session: Session, numbers: Iterable[int]) -> Mapping[int, sa.Row[Any]]:
    query = sa.select(RESPONSES).where(RESPONSES.c.id.in_(list(numbers)))
    return {row.id: row for row in session.execute(query)}
