"""Who acts on accounts: the one who is signed in, and which roles it may give."""

from __future__ import annotations

from survey.accounts import roles
from survey.accounts.oversight import Overseer
from survey.models import Role
from survey.organisation.agencies import root, tree
from survey.web.request import session
from survey.web.staff import access

ORDER = (Role.VIEWER, Role.INTERVIEWER, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)


def overseer() -> Overseer:
    """Return who acts on accounts: the one who is signed in, within the own agencies as of today."""
    who, units, top = access.who(), tree(session()), root(session())
    province = {key for key in units.agencies if units.named_now(key).id == top.id}
    return Overseer(who.staff_id, who.role, frozenset(units.all_within(who.agency_id)), frozenset(province))


def roles_offered(role: Role, alone: bool) -> list[Role]:
    """Return which roles somebody may give, in the order of what they may do; `alone`: without another account."""
    rights = roles.RIGHTS[role]
    given = rights.gives if alone else rights.gives | rights.gives_with_another
    return [one for one in ORDER if one in given]
