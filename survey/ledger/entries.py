"""What the ledger says of each event: small canonical bytes that reveal no answer.

Of an answer it says the day, the channel, and a commitment: SHA-256 over 32 random bytes, which are kept beside the
answer, and all that is stored of it. Nothing else: that somebody has answered twice, or that an answer does not count,
would tell answers apart. Who has both can check it; who has neither learns nothing. Where
the link to its case is cut, the random bytes go, and the answer has another entry that tells the half of a month alone.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa

from survey.models import Channel, Comment, Response
from survey.periods import half_month

RESPONSES = cast("sa.Table", Response.__table__)
COMMENTS = cast("sa.Table", Comment.__table__)
SALT_BYTES = 32
# What is no part of an answer but of its place in the ledger, or changes by an event that has an entry of its own.
_APART = {"counted", "comments_erased", "entry", "salt", "comment_marks"}
_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class EntryKind(enum.StrEnum):
    """What an entry is about."""

    STARTED = "started"  # the ledger: what stands before was there on that day
    ANSWER = "answer"
    KEPT = "kept"  # an answer whose link to its case is cut: takes the place of its first entry
    CORRECTED = "corrected"  # the portal corrected its case, and the answer follows it
    TAKEN_BACK = "taken_back"  # a sheet that was put in by mistake
    EXCLUDED = "excluded"
    RESTORED = "restored"
    COMMENTS_ERASED = "comments_erased"
    LINKS_CUT = "links_cut"
    QUESTIONNAIRE = "questionnaire"
    TARGET = "target"
    TARGET_TAKEN_BACK = "target_taken_back"
    PERIOD_CLOSED = "period_closed"
    REPORT = "report"
    RESULTS = "results"  # figures of a closed period, published for everybody
    RESULTS_RETRACTED = "results_retracted"
    CALL_BACK = "call_back"  # its design and its frame, before anybody knows who will be drawn
    CALL_BACK_DRAWN = "call_back_drawn"
    CALL_BACK_FINISHED = "call_back_finished"


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return JSON as it is hashed: sorted, without spaces, UTF-8.

    >>> canonical({"b": 1, "a": "ế"}).decode()
    '{"a":"ế","b":1}'
    """
    return _JSON.encode(content).encode()


def sha256_of(content: Mapping[str, Any]) -> str:
    """Return the hash of something that is kept as JSON, such as a questionnaire."""
    return hashlib.sha256(canonical(content)).hexdigest()


def entry(kind: EntryKind, day: dt.date, **about: str | int | bool) -> bytes:
    """Return an entry that a day and some facts make up.

    >>> entry(EntryKind.TAKEN_BACK, dt.date(2026, 11, 29), answer=7).decode()
    '{"answer":7,"day":"2026-11-29","kind":"taken_back"}'
    """
    return canonical({"kind": kind.value, "day": day.isoformat(), **about})


def commitment(salt: bytes, content: bytes) -> str:
    """Return what stands in the ledger for something that it does not tell."""
    return hashlib.sha256(salt + content).hexdigest()


def answer_content(row: sa.Row[Any], marks: Mapping[str, str] | None, counts: bool) -> bytes:
    """Return all that is stored of an answer and that no event of its own may change; what is empty is left out.

    `row` has every column of the table, `counts` is whether it counted when its entry was made. Which answer it took
    the place of is part of it.
    """
    values = zip(_WRITERS, _VALUES(row), strict=True)
    content = {name: write(value) for (name, write), value in values if value is not None and value is not False}
    if marks:
        content["comments"] = marks
    return canonical(content | {"counts": counts})


def answer_entry(row: sa.Row[Any], opened_by: bytes, marks: Mapping[str, str] | None) -> bytes:
    """Return the entry of an answer; `opened_by` is its salt."""
    sealed = commitment(opened_by, answer_content(row, marks, row.counted))
    if is_cut(row):
        first, last = (day.isoformat() for day in half_month(row.day))
        return canonical({"kind": EntryKind.KEPT.value, "first": first, "last": last, "commitment": sealed})
    return entry(EntryKind.ANSWER, row.day, channel=row.channel.name.lower(), commitment=sealed)


def is_cut(row: sa.Row[Any]) -> bool:
    """Return whether nothing joins an answer by invitation to its case any more."""
    return bool(row.channel == Channel.INVITATION and row.invitation_id is None)


def comment_mark(salt: bytes, comment: sa.Row[Any]) -> str:
    """Return the commitment to a comment as officials may read it."""
    readable = {"question": comment.question, "text": comment.text, "with_officers": comment.with_officers}
    return commitment(salt, canonical(readable))


def _plainly(value: Any) -> Any:
    return value


def _writer(column: sa.Column[Any]) -> Callable[[Any], Any]:
    """Return how a column's value is written, by its type: only what JSON has, and whole numbers."""
    kinds: dict[str, Callable[[Any], Any]] = {
        "UTCDateTime": lambda at: (at - _EPOCH) // _MICROSECOND,
        "LocalDay": lambda day: day.isoformat(),
        "Code": int,
        "LargeBinary": lambda raw: raw.hex(),
    }
    return kinds.get(type(column.type).__name__, _plainly)


_WRITERS = tuple((column.name, _writer(column)) for column in RESPONSES.columns if column.name not in _APART)
_VALUES = itemgetter(*(place for place, column in enumerate(RESPONSES.columns) if column.name not in _APART))
