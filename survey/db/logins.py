"""The logins by which processes come to PostgreSQL: who may do what is said there, whatever a process would like to do.

Each is named after the owner of the tables, so that several installations of one server keep apart.
"""

from __future__ import annotations

import enum

import sqlalchemy as sa


class Login(enum.StrEnum):
    """For what a login is: the end of its name. The owner, who migrates and erases, has none."""

    CITIZENS = "citizens"  # pages for everybody: answers come in
    STAFF = "staff"  # pages of officials, and the API: rows of the account's own agencies
    SEAL = "seal"  # gives entries of the ledger their numbers, and signs

    def of(self, owner: str) -> str:
        """Return the name of this login beside an owner.

        >>> Login.STAFF.of("hailong")
        'hailong_staff'
        """
        return f"{owner}_{self}"


def login_of(url: sa.URL) -> Login | None:
    """Return for what the login of an address is; None for the owner, and for SQLite, which has no logins.

    >>> login_of(sa.make_url("postgresql+psycopg://hailong_seal@/hailong"))
    <Login.SEAL: 'seal'>
    >>> login_of(sa.make_url("postgresql+psycopg://hailong@/hailong"))
    """
    name = url.username or ""
    return next((login for login in Login if name.endswith(f"_{login}")), None)
