"""What a provider says of somebody, and which row of its table holds for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from survey.single_sign_on.providers import Provider, RightsRow


def claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim by its name, or by its way through nested ones.

    >>> claim({"realm_access": {"roles": ["a"]}, "https://x.vn/unit": "H61"}, "realm_access.roles")
    ['a']
    >>> claim({"realm_access": {"roles": ["a"]}, "https://x.vn/unit": "H61"}, "https://x.vn/unit")
    'H61'
    >>> claim({"realm_access": "a"}, "realm_access.roles") is None
    True
    """
    if name in claims:
        return claims[name]
    first, _, rest = name.partition(".")
    inner = claims.get(first)
    return claim(inner, rest) if rest and isinstance(inner, Mapping) else None


def words_of(claims: Mapping[str, Any], name: str) -> list[str]:
    """Return the texts that a claim holds: its own, or those of its list.

    >>> words_of({"groups": ["a", 3]}, "groups"), words_of({"groups": "a"}, "groups"), words_of({}, "groups")
    (['a'], ['a'], [])
    """
    value = claim(claims, name)
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]


def row_of(provider: Provider, claims: Mapping[str, Any]) -> RightsRow | None:
    """Return the first row of the provider's table that holds for somebody."""
    return next((row for row in provider.rights if row.value in words_of(claims, row.claim)), None)


def shows_second_factor(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Return whether the provider has asked for a second factor, in words that its table counts."""
    counted = provider.second_factor
    return bool(set(words_of(claims, "amr")) & set(counted.amr) or set(words_of(claims, "acr")) & set(counted.acr))


def claims_needed(provider: Provider) -> set[str]:
    """Return which claims decide on somebody: what they are called, and what the table asks for."""
    rows = {name for row in provider.rights for name in (row.claim, row.agency_claim) if name}
    return {provider.name_claim, provider.login_claim, *rows}
