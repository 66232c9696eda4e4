"""What a role may do."""

from __future__ import annotations

from survey.models import Role

ACTING = (Role.MANAGER, Role.ADMINISTRATOR)  # who may take on and change what a unit does


def allows(role: Role, required: Role, reading: bool) -> bool:
    """Return whether a role may open what asks for `required`; an auditor reads everything and changes nothing.

    >>> allows(Role.MANAGER, Role.VIEWER, False), allows(Role.VIEWER, Role.MANAGER, True)
    (True, False)
    >>> allows(Role.AUDITOR, Role.ADMINISTRATOR, True), allows(Role.AUDITOR, Role.MANAGER, False)
    (True, False)
    """
    if role == Role.AUDITOR:
        return reading or required in (Role.VIEWER, Role.AUDITOR)
    return required <= role if required != Role.AUDITOR else False
