"""Letters of apology of the demonstration, in all states: drafted, decided and settled by the doors of everybody."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts
from survey.apologies import drafting, steps
from survey.apologies.steps import ApologyStep, Desk
from survey.delivery import contact, letters, queue
from survey.delivery.queue import Outcome
from survey.demo.addresses import LOGINS
from survey.models import AddressKind, Apology, Case, Delivery, MessageKind, Reason, State
from survey.organisation import agencies
from survey.periods import local_day

DRAFTED, DECIDED = dt.timedelta(days=2), dt.timedelta(days=1)  # before now
RECENT = dt.timedelta(days=20)
# What is done with one letter after the other, as the words of an official; the others wait.
PLAN = (
    (ApologyStep.APPROVE, ""),
    (ApologyStep.APPROVE, ""),
    (ApologyStep.APPROVE, ""),
    (ApologyStep.DECLINE, "Đã gặp trực tiếp người nộp hồ sơ để xin lỗi."),
    (ApologyStep.HAND_OVER, ""),
    (ApologyStep.WRITE, "Đơn vị đã bổ sung người ở bộ phận một cửa để việc này không lặp lại."),
)
ENDS = (Outcome(State.DELIVERED), Outcome(State.DELIVERED), Outcome(State.REFUSED, Reason.ADDRESS))
LETTERS, ON_PAPER = 12, 2
LEASE = dt.timedelta(minutes=5)


def write_some(session: Session, secret: str, now: dt.datetime) -> int:
    """Draft letters about the newest late cases, decide on some and settle what was sent; return how many are drafted.

    The accounts must be there. Addresses lead nowhere.
    """
    since = local_day(now) - RECENT
    newest = sa.select(Case.code_hash).where(letters.late(), Case.finished_day.between(since, local_day(now - DRAFTED)))
    codes = list(session.scalars(newest.order_by(Case.finished_day.desc(), Case.id).limit(LETTERS)))
    drafting.follow(session, codes, now - DRAFTED, drafts=True)
    to = {code: contact.read(f"nguoi.nop.{place}@example.com") for place, code in enumerate(codes[ON_PAPER:], 1)}
    drafting.address(session, secret, [AddressKind.EMAIL], to, {}, now - DRAFTED)
    staff_id = accounts.named(session, LOGINS["staff"][0]).id
    desk = Desk(secret, staff_id, list(agencies.tree(session).agencies), [AddressKind.EMAIL], "vi")
    waiting = sa.select(Apology.id, Apology.turn).where(Apology.contact.is_not(None)).order_by(Apology.id)
    decided = now - DECIDED
    for (step, words), row in zip(PLAN, session.execute(waiting).all(), strict=False):
        entered = {"words" if step == ApologyStep.WRITE else "reason": words}
        steps.take(session, desk, row.id, row.turn, step, decided, **entered)
    for outcome in ENDS:
        claimed = queue.claim(session, decided, LEASE, Delivery.kind == MessageKind.LETTER)
        if claimed is not None:
            queue.settle(session, claimed.id, claimed.attempt, outcome, decided)
    return len(codes)
