"""What a key is and may do."""

from __future__ import annotations

from survey.accounts.api_keys import KeyScope
from survey.organisation.agencies import tree
from survey.web.api.operations import Asked, Strict, operation
from survey.web.request import session


class KeyReply(Strict):
    """The key that the request carries."""

    name: str
    scopes: list[KeyScope]
    agency: str


@operation("/me", "GET", KeyReply)
def show_key(asked: Asked) -> KeyReply:
    """Say which key this is, which scopes it has and at which agency's subtree it ends."""
    agency = tree(session()).named_now(asked.holder.agency_id)
    scopes = [KeyScope(scope) for scope in sorted(asked.holder.scopes)]
    return KeyReply(name=asked.holder.name, scopes=scopes, agency=agency.code)
