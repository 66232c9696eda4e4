"""Tell officials of alerts by e-mail: each kind as often as they chose, no alert twice within a week.

Daily digests go on working days, weekly and monthly ones on the first working day of the week and the month, all from
seven in the morning on. What began after that waits for the next one. A mail has no word of any comment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import accounts, mail_address
from survey.alerts import choices, episodes, words
from survey.alerts.episodes import ShownAlert
from survey.alerts.post import Post
from survey.delivery import notices, queue
from survey.delivery.notices import Notice
from survey.i18n import gettext, ngettext, number, speaking, text
from survey.ledger import cosignatures
from survey.ledger import tree as tree_of_ledger
from survey.models import AlertKind, Delivery, Frequency, MessageKind, Role, Staff
from survey.organisation import agencies
from survey.organisation.dated_tree import Tree
from survey.organisation.working_days import WorkingDays, working_days
from survey.periods import LOCAL_ZONE, local_day

MORNING = dt.time(7)
AGAIN = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


def due(calendar: WorkingDays, at: dt.datetime) -> Iterator[Frequency]:
    """Yield what is to be sent at a moment.

    >>> list(due(WorkingDays({}), dt.datetime(2026, 11, 23, 0, 30, tzinfo=dt.UTC)))  # half past seven of a Monday
    [<Frequency.AT_ONCE: 2>, <Frequency.DAILY: 3>, <Frequency.WEEKLY: 4>]
    """
    today = local_day(at)
    yield Frequency.AT_ONCE
    if at < _morning(today) or not calendar.works(today):
        return
    yield Frequency.DAILY
    if calendar.after(today - DAY * (today.weekday() + 1), 1) == today:
        yield Frequency.WEEKLY
    if calendar.after(today.replace(day=1) - DAY, 1) == today:
        yield Frequency.MONTHLY


def queue_notices(session: Session, post: Post, at: dt.datetime) -> int:
    """Queue what is due to accounts with a confirmed address, and return how many mails; the caller holds the lock."""
    number_queued = 0
    frequencies = list(due(working_days(session), at))
    tree = agencies.tree(session, local_day(at))
    for account in accounts.enabled(session, list(Role)):
        address = mail_address.confirmed_address(post.secret, account)
        if not address:
            continue
        for frequency, kinds, subject in _mails(session, account, frequencies, at):
            alerts = untold(session, account, kinds, frequency, at)
            if not alerts or _is_queued(session, subject):
                continue
            what = kinds[0] if frequency == Frequency.AT_ONCE else frequency
            note = _checkpoint(session) if what == Frequency.MONTHLY else ""
            notice = _written(tree, post, account, address, alerts, what, at, note)
            queue.add(session, [notices.delivery(post.secret, notice, subject, at)], at)
            episodes.note(session, alerts, account.id, told_at=at)
            number_queued += 1
    return number_queued


def untold(
    session: Session, account: Staff, kinds: Sequence[AlertKind], frequency: Frequency, at: dt.datetime
) -> list[ShownAlert]:
    """Return what an account is to be told of these kinds: what is new to it, and what has stood on for a week."""
    before = at if frequency == Frequency.AT_ONCE else _morning(local_day(at))
    every = episodes.shown_to(session, account.id, account.agency_id, account.role, at, kinds)
    return [one for one in every if one.alert.began_at <= before and _is_due(one, at)]


def _is_due(shown: ShownAlert, at: dt.datetime) -> bool:
    alert = shown.alert
    if shown.told_at is None:
        return alert.settled_at is None
    return alert.ended_at is None and alert.settled_at is None and at - shown.told_at >= AGAIN


def _morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, MORNING, LOCAL_ZONE).astimezone(dt.UTC)


def _mails(
    session: Session, account: Staff, frequencies: Sequence[Frequency], at: dt.datetime
) -> Iterator[tuple[Frequency, list[AlertKind], str]]:
    """Yield the mails that an account may get now, each with its kinds: one a kind at once, else one a digest."""
    wanted = choices.chosen(session, account)
    for frequency in frequencies:
        kinds = [kind for kind, often in wanted.items() if often == frequency]
        if frequency == Frequency.AT_ONCE:
            for kind in kinds:
                yield frequency, [kind], f"{account.id} {kind.name} {at:%Y-%m-%dT%H:%M:%S}"
        elif kinds:
            yield frequency, kinds, f"{account.id} {frequency.name} {local_day(at)}"


def _is_queued(session: Session, subject: str) -> bool:
    there = sa.select(Delivery.id).where(Delivery.kind == MessageKind.NOTICE, Delivery.subject == subject)
    return session.scalar(there) is not None


def _written(
    tree: Tree,
    post: Post,
    account: Staff,
    address: str,
    alerts: Sequence[ShownAlert],
    what: AlertKind | Frequency,
    at: dt.datetime,
    note: str,
) -> Notice:
    own = tree.named_now(account.agency_id)
    with speaking(post.language_of(account)):
        lines = [_line(tree, post, shown) for shown in alerts]
        kinds = sorted({shown.alert.kind for shown in alerts})
        stops = [
            gettext("No more e-mail about “%(kind)s”:", kind=words.kind_words(kind))
            + f"\n{choices.stop_link(post.public_url, post.secret, account, kind, at)}"
            for kind in kinds
        ]
        body = (
            gettext("Dear %(name)s,", name=account.name or account.login),
            gettext("This stands out at %(agency)s:", agency=text(own.name)),
            *lines,
            *_to_keep(post, note),
            gettext("All alerts:") + f"\n{post.public_url}/staff/alerts",
            gettext("Choose what you are told, and how often:") + f"\n{post.public_url}/staff/alerts/choices",
            *stops,
            gettext("This e-mail was written by a program; nobody reads answers to it."),
        )
        return Notice(
            address,
            text(own.name),
            _subject(kinds, len(alerts)),
            "\n\n".join(body) + "\n",
            choices.stop_link(post.public_url, post.secret, account, what, at),
        )


def _checkpoint(session: Session) -> str:
    newest = tree_of_ledger.newest_checkpoint(session)
    return "" if newest is None else cosignatures.cosigned(session, newest)


def _to_keep(post: Post, note: str) -> Iterator[str]:
    """Yield the checkpoint of the ledger: what lies in many mailboxes is what a rewritten ledger is held against."""
    if note:
        words = gettext(
            "The signed checkpoint of the ledger today. Please keep this e-mail: with it anybody can find out later "
            "whether an answer of before was changed or removed, by this guide: %(address)s",
            address=f"{post.public_url}/ledger",
        )
        yield f"{words}\n\n{note.rstrip()}"


def _line(tree: Tree, post: Post, shown: ShownAlert) -> str:
    agency = tree.named_now(shown.alert.agency_id)
    over = " " + gettext("(Over meanwhile.)") if shown.alert.ended_at else ""
    link = post.public_url + words.page(shown.alert, agency.code)
    return f"{text(agency.name)}: {words.sentence(shown.alert)}{over}\n{link}"


def _subject(kinds: Sequence[AlertKind], count: int) -> str:
    if len(kinds) == 1:
        return f"Hài Lòng: {words.kind_words(kinds[0])}"
    return "Hài Lòng: " + str(ngettext("%(number)s alert", "%(number)s alerts", count, number=number(count)))
