"""What a role may do: the one table, for pages that ask for a role, and for rights that are given to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey.models import Role

ACTING = (Role.MANAGER, Role.ADMINISTRATOR)  # who may take on and change what a unit does


@dataclass(frozen=True)
class Rights:
    """What one role may do: open and change what asks for which roles, and give which roles to others.

    `gives_with_another`: what it may give, take or move only together with another account that may, too.
    """

    reads: frozenset[Role]
    changes: frozenset[Role]
    gives: frozenset[Role] = frozenset()
    gives_with_another: frozenset[Role] = frozenset()


_VIEWER = frozenset({Role.VIEWER})
_INTERVIEWER = frozenset({Role.INTERVIEWER})
_MANAGER = _VIEWER | _INTERVIEWER | {Role.MANAGER}
_ADMINISTRATOR = _MANAGER | {Role.ADMINISTRATOR}
RIGHTS: Mapping[Role, Rights] = {
    Role.INTERVIEWER: Rights(_INTERVIEWER, _INTERVIEWER),  # puts in sheets; sees no figure and no comment
    Role.VIEWER: Rights(_VIEWER, _VIEWER),
    Role.MANAGER: Rights(_MANAGER, _MANAGER, gives=_VIEWER | _INTERVIEWER),
    Role.ADMINISTRATOR: Rights(
        _ADMINISTRATOR,
        _ADMINISTRATOR,
        gives=_MANAGER | {Role.AUDITOR},
        gives_with_another=frozenset({Role.ADMINISTRATOR}),
    ),
    Role.AUDITOR: Rights(frozenset(Role), _VIEWER | {Role.AUDITOR}),  # reads everything and changes nothing
}


def allows(role: Role, required: Role | None, reading: bool) -> bool:
    """Return whether a role may open what asks for `required`; an auditor reads everything and changes nothing.

    What asks for no role is everybody's who has signed in: the own account.

    >>> allows(Role.MANAGER, Role.VIEWER, False), allows(Role.VIEWER, Role.MANAGER, True)
    (True, False)
    >>> allows(Role.AUDITOR, Role.ADMINISTRATOR, True), allows(Role.AUDITOR, Role.MANAGER, False)
    (True, False)
    >>> allows(Role.INTERVIEWER, Role.VIEWER, True), allows(Role.INTERVIEWER, None, False)
    (False, True)
    """
    rights = RIGHTS[role]
    return required is None or required in (rights.reads if reading else rights.changes)


def may_act_on(role: Role, other: Role) -> bool:
    """Return whether a role may change accounts of another one, alone or together with another account.

    Nobody acts on a role beside or above the own one; only administrators do on each other, two together.

    >>> may_act_on(Role.MANAGER, Role.VIEWER), may_act_on(Role.MANAGER, Role.MANAGER)
    (True, False)
    >>> may_act_on(Role.ADMINISTRATOR, Role.ADMINISTRATOR), may_act_on(Role.AUDITOR, Role.VIEWER)
    (True, False)
    """
    return other in RIGHTS[role].gives | RIGHTS[role].gives_with_another


def takes_two(role: Role, *others: Role) -> bool:
    """Return whether a role gives, takes or moves any of these only together with another account.

    >>> takes_two(Role.ADMINISTRATOR, Role.VIEWER, Role.ADMINISTRATOR), takes_two(Role.ADMINISTRATOR, Role.AUDITOR)
    (True, False)
    """
    return bool(RIGHTS[role].gives_with_another.intersection(others))
