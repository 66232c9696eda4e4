"""Cases that were recorded under a former secret key: known by today's as soon as their codes are seen again.

Only a hash of a code is stored, so that nothing can be hashed anew before somebody sends the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.db.slices import rows_in
from survey.models import Case
from survey.security.tokens import case_hash, former_case_hashes


def hashes(secret: str, codes: Iterable[str]) -> dict[bytes, bytes]:
    """Return today's hash of each code by its hash under each former key; empty while there is none."""
    return {former: case_hash(secret, code) for code in codes for former in former_case_hashes(secret, code)}


def follow(session: Session, today: Mapping[bytes, bytes]) -> None:
    """Let the cases under these former hashes be known by today's, given by `hashes`; one known so already stays."""
    if not today:
        return
    cases = sa.select(Case.id, Case.code_hash)
    current = {row.code_hash for row in rows_in(session, cases, Case.code_hash, today.values())}
    old = [row for row in rows_in(session, cases, Case.code_hash, today) if today[row.code_hash] not in current]
    if old:
        session.execute(sa.update(Case), [{"id": row.id, "code_hash": today[row.code_hash]} for row in old])
