"""Migrations of the other figures: the tables of other figures come and go, and are what the models say."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

import migrations
from survey.models import PortalCount, Quota
from survey.web.survey import survey_of

TABLES = {"portal_count", "quota"}
VERSIONS = Path(migrations.FOLDER) / "versions"


def test_both_tables_come_and_go_and_are_what_the_models_say(app: Flask) -> None:
    database = survey_of(app).database
    names = sorted(path.name for path in VERSIONS.glob("0*.py"))
    place = next(place for place, name in enumerate(names) if name.endswith("_portal_counts.py"))
    first, before = names[place][:4], names[place - 1][:4]
    for revision, there in ((first, {"portal_count"}), (before, set()), ("head", TABLES)):
        migrations.migrate(database, revision)
        assert set(sa.inspect(database.engine).get_table_names()) & TABLES == there
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), PortalCount.metadata)
    assert [one for one in differences if any(name in str(one) for name in TABLES)] == []
    assert {PortalCount.__tablename__, Quota.__tablename__} == TABLES
