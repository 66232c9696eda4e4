"""Which rows of answers, comments, cases and messages a transaction sees on PostgreSQL: those of its own agencies.

Each table that holds what one agency's people said or are has a policy; a transaction says of which agencies it is
(`survey.db.row_security`). A policy names no login, so that a backup can be restored where there are none. A migration
that drops a table or column that one names drops it first; `hailong migrate` sets it anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from survey.db.row_security import SETTING

NAME = "own_agencies"
_SEEN = f"(SELECT nullif(current_setting('{SETTING}', true), '')::bigint[])"
_EVERYTHING = f"0 = ANY ({_SEEN}::bigint[])"


@dataclass(frozen=True)
class RowPolicy:
    """The policy of one table: the condition that a row may be seen, changed and added."""

    table: str
    condition: str

    @property
    def digest(self) -> str:
        """Return a hash of what it says, by which a policy of an older version is told."""
        return hashlib.sha256(self.condition.encode()).hexdigest()[:16]


def _of(table: str, *columns: str) -> RowPolicy:
    """Return the policy of a table whose rows name their agencies."""
    own = " OR ".join(f"{column} = ANY ({_SEEN}::bigint[])" for column in columns)
    return RowPolicy(table, f"{_EVERYTHING} OR {own}")


def _with(table: str, column: str, above: str, *, perhaps: bool = False) -> RowPolicy:
    """Return the policy of a table whose rows are seen with a row of another one, as far as that one is seen.

    `perhaps`: a row that belongs to none is seen by everybody.
    """
    seen = f'EXISTS (SELECT FROM "{above}" WHERE "{above}".id = "{table}".{column})'
    none = f" OR {column} IS NULL" if perhaps else ""
    return RowPolicy(table, f"{_EVERYTHING}{none} OR {seen}")


POLICIES = (
    _of("response", "agency_id"),
    _with("comment", "response_id", "response"),
    _with("follow_up", "response_id", "response"),
    _with("follow_up_step", "response_id", "response"),
    _with("report_comment", "response_id", "response"),
    _with("reply_contact", "response_id", "response"),
    _of("case", "resolving_agency_id", "receiving_agency_id"),
    _with("withdrawal", "case_id", "case"),
    _with("apology", "case_id", "case"),
    _with("call_back_number", "case_id", "case"),
    _with("call_back_case", "case_id", "case", perhaps=True),
    _with("invitation", "case_id", "case"),
    _with("delivery", "invitation_id", "invitation", perhaps=True),
    _with("transition", "delivery_id", "delivery"),
)
