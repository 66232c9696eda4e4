"""All that a closed period's verdicts rest on: target, confidence, questionnaire, agencies and names."""

import datetime as dt
import json
from typing import Any

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

ADDED: dict[str, Any] = {
    "target": sa.String(length=20),
    "confidence": sa.Double(),
    "questionnaire_id": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "agencies": sa.JSON(),
    "procedures": sa.JSON(),
}
DAYS = ("valid_from", "valid_to")
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
    closed = connection.execute(sa.text("SELECT id FROM closed_period")).scalars().all()
    if not closed:
        return
    given = op.get_context().environment_context.config.attributes
    names = ("id", "code", "name", "level", "parent_id", "valid_from", "valid_to", "successor_id")
    agencies = [_agency(row) for row in connection.execute(sa.text(f"SELECT {', '.join(names)} FROM agency ORDER BY id"))]
    every = {row.id: _plain(row) for row in connection.execute(sa.text("SELECT id, code, name FROM procedure ORDER BY id"))}
    values = {
        "target": given.get("target", "0.90"),
        "confidence": given.get("confidence", 0.95),
        "questionnaire_id": connection.scalar(sa.text(ASKED)),
        "agencies": json.dumps(agencies),
    }
    update = sa.text(
        "UPDATE closed_period SET target = :target, confidence = :confidence, questionnaire_id = :questionnaire_id, "
        "agencies = :agencies, procedures = :procedures WHERE id = :id"
    )
    for period in closed:
        shown = sa.text(
            "SELECT procedure_id FROM frozen_cell WHERE period_id = :id AND procedure_id IS NOT NULL "
            "UNION SELECT procedure_id FROM frozen_cohort WHERE period_id = :id"
        )
        present = sorted(connection.execute(shown, {"id": period}).scalars())
        procedures = json.dumps([every[number] for number in present])
        connection.execute(update, {**values, "procedures": procedures, "id": period})


def _plain(row: sa.Row) -> dict[str, object]:
    """Return a row with its name as an object, whichever way the database hands JSON out."""
    values = dict(row._mapping)
    return {**values, "name": json.loads(values["name"]) if isinstance(values["name"], str) else values["name"]}


def _agency(row: sa.Row) -> dict[str, object]:
    values = _plain(row)
    days = {name: values[name] for name in DAYS}
    first = dt.date(1970, 1, 1)
    return {**values, **{name: day if day is None else str(first + dt.timedelta(days=day)) for name, day in days.items()}}
