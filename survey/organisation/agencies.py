"""The agencies in the database, always as of a day: one by its code, the tree, the province, what a scope may see."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.errors import NotFound
from survey.i18n import nfc
from survey.models import Agency, Installation, Texts
from survey.organisation.dated_tree import Tree, tree_of, valid
from survey.periods import local_day, now


def tree(session: Session, day: dt.date | None = None) -> Tree:
    """Return the tree as it stands on a day (without one: today), each level in Vietnamese order of the names.

    An agency that ended before that day is shown in its successor (or that one's, and so on), and children of a
    parent that was renamed or merged stand below the one that took over.
    """
    return tree_of(by_id(session), day or today())


def by_id(session: Session) -> dict[int, Agency]:
    """Return every agency that there is or was, under each of its names, by its id, in the order of the ids."""
    return {agency.id: agency for agency in session.scalars(sa.select(Agency).order_by(Agency.id))}


def spans(session: Session) -> dict[str, list[tuple[dt.date, dt.date | None, int]]]:
    """Return by its code the first day, the last day and the id of every agency under each of its names."""
    spans: dict[str, list[tuple[dt.date, dt.date | None, int]]] = {}
    for code, first, last, key in session.execute(
        sa.select(Agency.code, Agency.valid_from, Agency.valid_to, Agency.id)
    ):
        spans.setdefault(code, []).append((first, last, key))
    return spans


def today() -> dt.date:
    """Return the day it is in Viet Nam."""
    return local_day(now())


def tree_for(session: Session, agency_id: int, day: dt.date) -> Tree:
    """Return the tree in which an agency's figures are shown on a day (`Tree.showing`)."""
    return tree(session, day).showing(agency_id)


def shown_to(session: Session, scope_id: int, code: str | None, day: dt.date) -> tuple[Agency, Tree]:
    """Return the agency that was asked for (or that of the scope) and the tree that shows its figures on a day.

    It is found if it belongs to the scope today or did on that day. One that did not exist on that day is found all
    the same: its page is there, with what its predecessors had.

    Raises:
        NotFound: there is none, or it is not this scope's business: both look the same.
    """
    then = tree(session, day)
    agency = nearest(session, code, day) if code else then.named_now(scope_id)
    if not may_see(then, agency.id, scope_id):
        raise NotFound("There is no agency with the code %(code)s.", code=agency.code[:40])
    return agency, then.showing(agency.id)


def may_see(then: Tree, agency_id: int, scope_id: int) -> bool:
    """Return whether figures of an agency in the tree of some day are a scope's business: by that day, or by today."""
    return then.within(agency_id, scope_id) or tree_of(then.agencies, today()).within(agency_id, scope_id)


def by_code(session: Session, code: str, day: dt.date | None = None) -> Agency:
    """Return the agency with this code on a day (without one: today).

    Raises:
        NotFound: there is none.
    """
    code, day = nfc(code), day or today()
    agency = next((one for one in _with_code(session, code) if valid(one, day)), None)
    if agency is None:
        raise NotFound("There is no agency with the code %(code)s.", code=code[:40])
    return agency


def nearest(session: Session, code: str, day: dt.date) -> Agency:
    """Return the agency with this code on that day or, where none had it then, the last before or the first after.

    Raises:
        NotFound: there is none.
    """
    rows = _with_code(session, nfc(code))
    if not rows:
        raise NotFound("There is no agency with the code %(code)s.", code=nfc(code)[:40])
    return next((one for one in reversed(rows) if one.valid_from <= day), rows[0])


def bearer(session: Session, code: str) -> Agency:
    """Return the agency that has this code today or, of one that has ended, the one in which it is shown.

    Raises:
        NotFound: there is none, or not yet.
    """
    one = nearest(session, code, today())
    if one.valid_from > today():
        raise NotFound("There is no agency with the code %(code)s.", code=one.code[:40])
    return tree(session).bearer(one.id)


def _with_code(session: Session, code: str) -> list[Agency]:
    return list(session.scalars(sa.select(Agency).where(Agency.code == code).order_by(Agency.valid_from)))


def root(session: Session, day: dt.date | None = None) -> Agency:
    """Return the province that this installation serves, as it was on a day (without one: today).

    On a day before a merger it is the one province that it was then, if it was one.
    """
    day = day or today()
    now = nearest(session, installation(session).root_code, day)
    if valid(now, day):
        return now
    late = tree(session, max(day, now.valid_from))
    then = [a for a in late.agencies.values() if a.parent_id is None and valid(a, day) and late.within(a.id, now.id)]
    return then[0] if len(then) == 1 else now


def installation(session: Session) -> Installation:
    """Return the row that says whose survey this is.

    Raises:
        NotFound: nothing has been set up yet.
    """
    row = session.get(Installation, 1)
    if row is None:
        raise NotFound("This survey has not been set up yet.")
    return row


def is_installed(session: Session) -> bool:
    """Return whether it has been said whose survey this is."""
    return session.get(Installation, 1) is not None


def revise(session: Session) -> None:
    """Count a change in place of what figures show: agencies, procedures, questionnaires, a reported case."""
    session.execute(sa.update(Installation).values(revision=Installation.revision + 1))


def agency_names(session: Session, day: dt.date) -> dict[int, Texts]:
    """Return by its id the name of every agency that there is or was: the one that it carries on that day."""
    names = tree(session, day)
    return {agency_id: names.named_now(agency_id).name for agency_id in names.agencies}
