"""A reply that is kept for a repeat: its sender's alone, for a day, sealed, and never another request's."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import api_keys, idempotency
from survey.accounts.idempotency import KeptReply, Repeat
from survey.errors import Conflict
from survey.models import ApiKey, IdempotentRequest
from tests.support import factories
from tests.support.factories import SECRET

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


@pytest.fixture
def holders(session: Session) -> list[int]:
    """Two keys of the API."""
    for name in ("portal", "other portal"):
        api_keys.add(session, name, [api_keys.KeyScope.CASES_WRITE], factories.agency_id(session, "H61"), NOON)
    session.flush()
    return list(session.scalars(sa.select(ApiKey.id).order_by(ApiKey.id)))


def begin(session: Session, sent: Repeat, when: dt.datetime = NOON) -> bytes | None:
    """Return the whole reply that is kept."""
    kept = idempotency.begin(session, SECRET, sent, when)
    assert kept is None or kept.whole
    return None if kept is None else kept.reply


def answered(session: Session, sent: Repeat, reply: bytes, when: dt.datetime = NOON) -> None:
    assert begin(session, sent, when) is None
    idempotency.keep(session, SECRET, sent, reply)


def test_everyone_gets_the_reply_to_their_own_request(session: Session, holders: list[int]) -> None:
    requests = [Repeat(holder, key, b"same") for holder in holders for key in ("monday", "tuesday")]
    for number, sent in enumerate(requests):
        answered(session, sent, b"reply %d" % number)
    for number, sent in enumerate(requests):
        assert begin(session, sent, NOON + SECOND) == b"reply %d" % number


def test_a_key_is_good_for_one_content(session: Session, holders: list[int]) -> None:
    answered(session, Repeat(holders[0], "monday", b"one"), b"reply")
    with pytest.raises(Conflict, match="another request"):
        idempotency.begin(session, SECRET, Repeat(holders[0], "monday", b"two"), NOON)
    answered(session, Repeat(holders[1], "monday", b"two"), b"its own")


def test_a_reply_is_kept_for_a_day_and_then_its_key_is_free(session: Session, holders: list[int]) -> None:
    sent = Repeat(holders[0], "monday", b"one")
    answered(session, sent, b"reply")
    assert begin(session, sent, NOON + DAY - SECOND) == b"reply"
    answered(session, sent, b"anew", NOON + DAY)
    assert begin(session, sent, NOON + DAY) == b"anew"


def test_how_far_a_request_has_come_is_kept_apart_from_its_whole_reply(session: Session, holders: list[int]) -> None:
    sent = Repeat(holders[0], "monday", b"one")
    assert begin(session, sent) is None
    for reply, whole in ((b"first slice", False), (b"second slice", False), (b"all", True)):
        idempotency.keep(session, SECRET, sent, reply, whole)
        assert idempotency.begin(session, SECRET, sent, NOON) == KeptReply(reply, whole)
    idempotency.drop(session, SECRET, sent)
    assert begin(session, sent) is None, "it is another request then"


def test_a_reply_that_was_moved_or_changed_is_not_told(session: Session, holders: list[int]) -> None:
    mine, theirs = (Repeat(holder, "monday", b"same") for holder in holders)
    answered(session, mine, b"mine")
    answered(session, theirs, b"theirs")
    kept = session.execute(sa.select(IdempotentRequest.api_key_id, IdempotentRequest.sealed))
    sealed = {holder: bytes(reply) for holder, reply in kept}
    first = sa.update(IdempotentRequest).where(IdempotentRequest.api_key_id == holders[0])
    own = sealed[holders[0]]
    for wrong in (sealed[holders[1]], own[:-1] + bytes([own[-1] ^ 1])):
        session.execute(first.values(sealed=wrong))
        with pytest.raises(Conflict, match="no longer be read"):
            idempotency.begin(session, SECRET, mine, NOON)


def test_the_store_holds_neither_reply_nor_key_nor_content(session: Session, holders: list[int]) -> None:
    sent = Repeat(holders[0], "the-key-of-monday", b"what was sent")
    answered(session, sent, b"https://example.vn/r/token")
    row = session.execute(sa.select(IdempotentRequest.__table__)).one()
    for canary in (b"the-key-of-monday", b"what was sent", b"example.vn"):
        assert not any(canary in bytes(value) for value in row if isinstance(value, bytes | memoryview))
    assert "what was sent" not in repr(sent) and "monday" not in repr(sent)
