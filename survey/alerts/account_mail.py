"""The e-mail by which somebody is invited to an account: its one-time link, sealed in the queue until it is sent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from survey.accounts.account_links import VALID
from survey.alerts.post import Post
from survey.delivery import notices, queue
from survey.delivery.notices import Notice
from survey.i18n import date, gettext, speaking, text
from survey.models import AccountLink
from survey.organisation import agencies
from survey.periods import local_day


def address_of(post: Post, token: str) -> str:
    """Return the address that a link's token opens."""
    return f"{post.public_url}/staff/join/{token}"


def send(session: Session, post: Post, link: AccountLink, token: str, to: str, inviter: str, at: dt.datetime) -> None:
    """Queue the e-mail with the link, in the installation's own language; `inviter` is the name of who invites."""
    own = agencies.tree(session, local_day(at)).named_now(link.agency_id)
    with speaking(post.languages[0]):
        body = (
            gettext("Dear %(name)s,", name=link.name),
            gettext(
                "%(inviter)s invites you to follow what people say about the services of %(agency)s. Please choose "
                "your login and your password here by %(day)s; the link can be used once:",
                inviter=inviter,
                agency=text(own.name),
                day=date(local_day(link.expires_at)),
            )
            + f"\n{address_of(post, token)}",
            gettext("If you do not know what this is about, please ignore this e-mail: nothing is set up then."),
            gettext("This e-mail was written by a program; nobody reads answers to it."),
        )
        subject = "Hài Lòng: " + gettext("invitation to an account")
        notice = Notice(to, text(own.name), subject, "\n\n".join(body) + "\n")
    queue.add(session, [notices.delivery(post.secret, notice, f"ACCOUNT {link.id}", at, kept=VALID)], at)
