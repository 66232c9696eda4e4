"""Whatever people and officials do in whatever order, sealed or half sealed: there is no false alarm."""

from __future__ import annotations

import datetime as dt
import random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.collection import exclusions, invitations
from survey.collection.exclusions import Grounds
from survey.comments import kept_answers
from survey.ledger import sealing
from survey.models import Channel, Comment, ExclusionKind, ExclusionReason, Response
from survey.security.tokens import receipt_code
from tests.support import factories
from tests.support.cases import answer
from tests.support.ledgers import NOON, Ledger
from tests.support.officials import official

ROUNDS, SHORT = 100, 4
WORDS = ("", "Chờ lâu quá", "Cán bộ nhiệt tình")


class Province:
    """What may happen, drawn by chance."""

    def __init__(self, session: Session, chance: random.Random) -> None:
        self.chance, self.tokens = chance, list[str]()
        self.staff = [official(session, login).id for login in ("an", "binh")]
        self.place = factories.placement(session).code

    def invited(self, session: Session, when: dt.datetime) -> None:
        """Somebody answers, or answers again."""
        if not self.tokens or self.chance.random() < 0.7:
            self.tokens.append(factories.invitation(session))
        answer(
            session, self.chance.choice(self.tokens[-20:]), self.chance.randint(1, 5), when, self.chance.choice(WORDS)
        )

    def passing(self, session: Session, when: dt.datetime) -> None:
        """Somebody answers at a QR code."""
        source = invitations.place(session.connection(), self.place, Channel.OPEN)
        factories.response(session, self.chance.randint(1, 5), channel=Channel.OPEN, when=when, source=source)

    def decided(self, session: Session, when: dt.datetime) -> None:
        """Two accounts leave an answer out, or count it again."""
        out = set(session.scalars(exclusions.in_force()))
        passing = sa.select(Response.id).where(Response.channel == Channel.OPEN)
        kind = self.chance.choice([ExclusionKind.EXCLUDE, ExclusionKind.RESTORE])
        own = [one for one in session.scalars(passing) if (one in out) == (kind == ExclusionKind.RESTORE)]
        if own:
            why = Grounds(
                ExclusionReason.TEST if kind == ExclusionKind.EXCLUDE else ExclusionReason.MISTAKE, "Phiếu thử"
            )
            proposed = exclusions.propose(session, kind, [self.chance.choice(own)], why, self.staff[0], when)
            exclusions.decide(session, proposed.id, True, self.staff[1], when)

    def erased(self, session: Session, when: dt.datetime) -> None:
        """Somebody has the own comments erased."""
        there = sa.exists().where(Comment.response_id == Response.id)
        written = sa.select(Response.receipt).where(there, Response.comments_erased.is_(False))
        if receipts := session.scalars(written).all():
            code = receipt_code(self.chance.choice(receipts))
            kept_answers.erase_comments(session, code, "Người viết yêu cầu", self.staff[0], when)


def test_a_province_that_does_nothing_wrong_is_never_accused(ledger: Ledger, campaign: bool) -> None:
    chance = random.Random("no false alarm")
    ledger.seal(NOON - dt.timedelta(days=1))
    with ledger.writing() as session:
        province = Province(session, chance)
    acts = [province.invited, province.passing, province.decided, province.erased]
    since, when = None, NOON
    for turn in range(ROUNDS if campaign else SHORT):
        when += dt.timedelta(hours=1)
        with ledger.writing() as session:
            for act in chance.choices(acts, [5, 3, 1, 1], k=8):
                act(session, when)
        if chance.random() < 0.6:
            ledger.seal(when)
        elif chance.random() < 0.5:
            sealing.number(ledger.store)
        result = ledger.verify(since)
        assert [str(one) for one in result.discrepancies] == [], turn
        since = result.checkpoint
