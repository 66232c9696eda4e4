"""What an entry of the audit trail is about, in words: each thing by its name, in the language in use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from survey.accounts.roles import RIGHTS
from survey.i18n import gettext, instant, msgid
from survey.models import Role
from survey.operations.retention_kinds import KINDS
from survey.web.staff import labels

# What the members of an entry are called; one that is not here is shown as it is kept.
NAMES = {
    "added": msgid("added"),
    "agency": msgid("unit"),
    "agency_before": msgid("unit before"),
    "answers": msgid("answers"),
    "api_key": msgid("API key"),
    "apology": msgid("letter"),
    "basis": msgid("kind of period"),
    "before": msgid("older than"),
    "case": msgid("case"),
    "command": msgid("command"),
    "day": msgid("day"),
    "days": msgid("days"),
    "duty": msgid("duty"),
    "exclusion": msgid("proposal"),
    "file": msgid("file"),
    "first": msgid("from"),
    "format": msgid("format"),
    "host": msgid("host"),
    "import": msgid("kind of import"),
    "improvement": msgid("entry"),
    "kind": msgid("kind"),
    "last": msgid("to"),
    "link": msgid("link"),
    "made_at": msgid("made"),
    "method": msgid("method"),
    "name": msgid("name"),
    "number": msgid("number"),
    "page": msgid("page"),
    "period": msgid("period"),
    "placement": msgid("QR code"),
    "provider": msgid("provider of single sign-on"),
    "province": msgid("province"),
    "questionnaire": msgid("questionnaire"),
    "reason": msgid("reason"),
    "request": msgid("request"),
    "role": msgid("role"),
    "rows": msgid("rows"),
    "role_before": msgid("role before"),
    "scopes": msgid("may do"),
    "sent": msgid("sent by e-mail"),
    "sha256": msgid("SHA-256"),
    "size": msgid("bytes"),
    "staff": msgid("account"),
    "system": msgid("system"),
    "table": msgid("table"),
    "task": msgid("task"),
    "unchanged": msgid("unchanged"),
    "until": msgid("until"),
    "updated": msgid("changed"),
    "user": msgid("user on the server"),
    "version": msgid("version"),
}
_MOMENTS = ("before", "made_at")
_ERASED = {kind.code: kind.data for kind in KINDS}
_ROLES = {int(role): role for role in RIGHTS}


def about_words(about: Mapping[str, Any], units: Mapping[int, str], accounts: Mapping[int, str]) -> str:
    """Return what an entry is about; `units` and `accounts` are the names of agencies and accounts by their ids."""
    return "; ".join(
        f"{gettext(NAMES[name]) if name in NAMES else name}: {_value(name, value, units, accounts)}"
        for name, value in about.items()
        if value not in (None, "")
    )


def _value(name: str, value: Any, units: Mapping[int, str], accounts: Mapping[int, str]) -> str:
    if name in ("agency", "agency_before") and isinstance(value, int):
        return units.get(value, str(value))
    if name == "staff" and isinstance(value, int):
        return accounts.get(value, str(value))
    if name in ("role", "role_before") and value in _ROLES:
        role: Role = _ROLES[value]
        return labels.role_name(role)
    if name in _MOMENTS:
        return instant(dt.datetime.fromisoformat(value))
    if name == "kind" and value in _ERASED:
        return gettext(_ERASED[value])
    if name == "sent":
        return gettext("yes")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
