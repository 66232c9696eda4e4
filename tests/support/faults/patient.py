"""The product with patience without end, to show that the harness sees people who wait for a database that hangs."""

from __future__ import annotations

from survey.app import create_app
from survey.db import engine
from survey.db.patience import CITIZEN

for limit in ("statement", "lock"):
    object.__setattr__(CITIZEN, limit, 600.0)
engine.OPTIONS = "-c synchronous_commit=on"

application = create_app()
