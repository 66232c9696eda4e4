"""All that is tried of the web comes to PostgreSQL by logins of its own, with no more rights than it has there."""

from __future__ import annotations

from tests.support.logins import app as app  # in place of the one that comes as the owner
