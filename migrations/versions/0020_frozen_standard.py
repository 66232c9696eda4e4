"""All that a closed period's verdicts rest on: target, confidence, questionnaire, agencies and names."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ADDED: dict[str, Any] = {
    "target": sa.String(length=20),
    "confidence": sa.Double(),
    "questionnaire_id": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "agencies": sa.JSON(),
    "procedures": sa.JSON(),
}
SHOWN = """
    SELECT procedure_id FROM frozen_cell WHERE period_id = :id AND procedure_id IS NOT NULL
    UNION SELECT procedure_id FROM frozen_cohort WHERE period_id = :id
"""
EPOCH = dt.date(1970, 1, 1)
closed_period = sa.table("closed_period", sa.column("id"), *(sa.column(name, kind) for name, kind in ADDED.items()))
agency = sa.table(
    "agency",
    sa.column("name", sa.JSON()),
    sa.column("placeholder", sa.Boolean()),
    *(sa.column(name) for name in ("id", "code", "level", "parent_id", "valid_from", "valid_to")),
    *(sa.column(name) for name in ("successor_id", "split_from_id")),
)
procedure = sa.table("procedure", sa.column("id"), sa.column("code"), sa.column("name", sa.JSON()))
ASKED = """
    SELECT id FROM questionnaire WHERE code = 'short_online' AND status <> 1
    ORDER BY status, id DESC LIMIT 1
"""


ADDS_UP = """answered = level_1 + level_2 + level_3 + level_4 + level_5 AND satisfied = level_4 + level_5
    AND level_1 >= 0 AND level_2 >= 0 AND level_3 >= 0 AND level_4 >= 0 AND level_5 >= 0"""


def upgrade() -> None:
    with op.batch_alter_table("frozen_cell") as batch_op:
        batch_op.create_check_constraint(op.f("ck_frozen_cell_adds_up"), ADDS_UP)
    with op.batch_alter_table("closed_period") as batch_op:
        for name, kind in ADDED.items():
            batch_op.add_column(sa.Column(name, kind))
    _fill(op.get_bind())
    with op.batch_alter_table("closed_period") as batch_op:
        for name in ADDED.keys() - {"questionnaire_id"}:
            batch_op.alter_column(name, existing_type=ADDED[name], nullable=False)
        batch_op.create_foreign_key(
            op.f("fk_closed_period_questionnaire_id"), "questionnaire", ["questionnaire_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("frozen_cell") as batch_op:
        batch_op.drop_constraint(op.f("ck_frozen_cell_adds_up"), type_="check")
    with op.batch_alter_table("closed_period") as batch_op:
        batch_op.drop_constraint(op.f("fk_closed_period_questionnaire_id"), type_="foreignkey")
        for name in ADDED:
            batch_op.drop_column(name)


def _fill(connection: sa.Connection) -> None:
    """Freeze for the periods closed so far what holds now: it is what their pages have shown until today."""
    closed = connection.scalars(sa.select(closed_period.c.id)).all()
    if not closed:
        return
    given = op.get_context().environment_context.config.attributes
    now = {
        "target": given.get("target", "0.90"),
        "confidence": given.get("confidence", 0.95),
        "questionnaire_id": connection.scalar(sa.text(ASKED)),
        "agencies": [_dated(row) for row in connection.execute(sa.select(agency).order_by(agency.c.id)).mappings()],
    }
    names = {row["id"]: dict(row) for row in connection.execute(sa.select(procedure)).mappings()}
    for period in closed:
        shown = connection.scalars(sa.text(SHOWN), {"id": period}).all()
        values = {**now, "procedures": [names[number] for number in sorted(shown)]}
        connection.execute(sa.update(closed_period).where(closed_period.c.id == period).values(values))


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: row[name] for name in ("valid_from", "valid_to")}
    return {**row, **{name: None if day is None else str(EPOCH + dt.timedelta(days=day)) for name, day in days.items()}}
