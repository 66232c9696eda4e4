"""Whoever has a confirmed e-mail address is told at once what was changed about signing in to their account."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.accounts import mail_address
from survey.alerts.post import Post
from survey.audit.acts import Act
from survey.delivery import notices, queue
from survey.delivery.notices import Notice
from survey.i18n import gettext, instant, speaking, text
from survey.models import Staff
from survey.organisation import agencies
from survey.periods import local_day


def tell(session: Session, post: Post, account: Staff, act: Act, at: dt.datetime) -> None:
    """Queue an e-mail that says what was changed and when, and what to do if it was somebody else."""
    address = mail_address.confirmed_address(post.secret, account)
    if address:
        notice = _written(session, post, account, address, act, at)
        subject = f"{account.id} {act.value} {at.timestamp():.0f}"
        queue.add(session, [notices.delivery(post.secret, notice, subject, at)], at)


def _written(session: Session, post: Post, account: Staff, address: str, act: Act, at: dt.datetime) -> Notice:
    own = agencies.tree(session, local_day(at)).named_now(account.agency_id)
    with speaking(post.language_of(account)):
        body = (
            gettext("Dear %(name)s,", name=account.name or account.login),
            gettext("%(time)s: %(act)s. Account: %(login)s.", time=instant(at), act=act.words, login=account.login),
            gettext(
                "If this was not you, please sign in at once, sign out everywhere else, change your password, and tell "
                "an administrator of the province."
            )
            + f"\n{post.public_url}/staff/account",
            gettext("This e-mail was written by a program; nobody reads answers to it."),
        )
        subject = "Hài Lòng: " + gettext("a change to how your account is signed in to")
        return Notice(address, text(own.name), subject, "\n\n".join(body) + "\n")
