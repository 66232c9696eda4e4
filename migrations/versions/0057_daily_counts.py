"""Counts of days that are over are kept, and the database itself notes every change of such a day."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANSWERS, CASES = 1, 2
# What a count is made of; what else is changed, such as the place of an answer in the ledger, leaves it alone.
OF_ANSWERS = (
    "counted", "day", "agency_id", "procedure_id", "questionnaire_id", "channel", "respondent", "outcome",
    "timeliness", "placement_id", "invitation_id", "overall", "other", *(f"r{slot}" for slot in range(1, 25)),
)
OF_CASES = ("finished_day", "resolving_agency_id", "procedure_id", "respondent")
OF_INVITATIONS = ("case_id", "used")
ANSWER_OF_CASE = (
    "SELECT response.day AS day FROM invitation JOIN response ON response.invitation_id = invitation.id "
    "WHERE invitation.case_id = {0}.id AND response.counted = {yes}"
)
ANSWER_OF_INVITATION = "SELECT day FROM response WHERE invitation_id = {0}.id AND counted = {yes}"
CASE_OF_INVITATION = 'SELECT finished_day AS day FROM "case" WHERE id = {0}.case_id'
# By table and act: which day of which part is changed, told by the row before or after.
NOTES = {
    ("response", "INSERT", ()): [(ANSWERS, "SELECT {0}.day AS day WHERE {0}.counted", ("NEW",))],
    ("response", "DELETE", ()): [(ANSWERS, "SELECT {0}.day AS day WHERE {0}.counted", ("OLD",))],
    ("response", "UPDATE", OF_ANSWERS): [(ANSWERS, "SELECT {0}.day AS day WHERE {0}.counted", ("OLD", "NEW"))],
    ("case", "INSERT", ()): [(CASES, "SELECT {0}.finished_day AS day", ("NEW",))],
    ("case", "DELETE", ()): [(CASES, "SELECT {0}.finished_day AS day", ("OLD",))],
    ("case", "UPDATE", OF_CASES): [
        (CASES, "SELECT {0}.finished_day AS day", ("OLD", "NEW")),
        (ANSWERS, ANSWER_OF_CASE, ("NEW",)),
    ],
    ("invitation", "INSERT", ()): [(CASES, CASE_OF_INVITATION, ("NEW",))],
    ("invitation", "DELETE", ()): [(CASES, CASE_OF_INVITATION, ("OLD",))],
    ("invitation", "UPDATE", OF_INVITATIONS): [
        (CASES, CASE_OF_INVITATION, ("OLD", "NEW")),
        (ANSWERS, ANSWER_OF_INVITATION, ("NEW",)),
    ],
}


def upgrade() -> None:
    op.create_table(
        "counted_span",
        sa.Column("id", BIG, nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted_span")),
        sa.UniqueConstraint("part", "last", "first", name=op.f("uq_counted_span_part_last_first")),
    )
    op.create_table(
        "changed_day",
        sa.Column("id", BIG, nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changed_day")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_changed_day_part_day"), "changed_day", ["part", "day"])
    op.create_table(
        "daily_cell",
        _span(),
        sa.Column("cut", sa.String(16), nullable=False),
        sa.Column("question", sa.String(16), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("value", BIG, nullable=False),
        *_counts("level_1", "level_2", "level_3", "level_4", "level_5", "no_opinion"),
        sa.ForeignKeyConstraint(["span_id"], ["counted_span.id"], name=op.f("fk_daily_cell_span_id")),
        sa.PrimaryKeyConstraint(
            "span_id", "cut", "question", "agency_id", "channel", "value", name=op.f("pk_daily_cell")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "daily_choice",
        sa.Column("id", BIG, nullable=False),
        _span(),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        *_counts("people"),
        sa.ForeignKeyConstraint(["span_id"], ["counted_span.id"], name=op.f("fk_daily_choice_span_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_choice")),
    )
    op.create_index(
        "ix_daily_choice_span_id_channel_agency_id", "daily_choice", ["span_id", "channel", "agency_id"]
    )
    op.create_table(
        "daily_cohort",
        _span(),
        sa.Column("cut", sa.String(16), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("value", BIG, nullable=False),
        *_counts("finished", "invited", "used"),
        sa.ForeignKeyConstraint(["span_id"], ["counted_span.id"], name=op.f("fk_daily_cohort_span_id")),
        sa.PrimaryKeyConstraint("span_id", "cut", "agency_id", "value", name=op.f("pk_daily_cohort")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "daily_rating",
        _span(),
        sa.Column("cut", sa.String(16), nullable=False),
        sa.Column("half", sa.Integer(), nullable=False),
        sa.Column("agency_id", BIG, nullable=False),
        sa.Column("value", BIG, nullable=False),
        *_counts("rated", "answers"),
        sa.ForeignKeyConstraint(["span_id"], ["counted_span.id"], name=op.f("fk_daily_rating_span_id")),
        sa.PrimaryKeyConstraint("span_id", "cut", "half", "agency_id", "value", name=op.f("pk_daily_rating")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_daily_rating_half_cut", "daily_rating", ["half", "cut"])
    note_changes()


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, act, _columns in NOTES:
        name = f"{table}_{act.lower()}_noted"
        op.execute(f'DROP TRIGGER {name} ON "{table}"' if postgresql else f"DROP TRIGGER {name}")
        if postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("daily_rating", "daily_cohort", "daily_choice", "daily_cell", "changed_day", "counted_span"):
        op.drop_table(table)


def _span() -> sa.Column:
    return sa.Column("span_id", BIG, nullable=False)


def _counts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def note_changes() -> None:
    """Let the database note the day, in the transaction that changes it: whoever writes cannot forget it."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for (table, act, columns), notes in NOTES.items():
        name = f"{table}_{act.lower()}_noted"
        yes = "true" if postgresql else "1"  # as the index of answers by invitation says it, which is not taken otherwise
        steps = " ".join(_note(part, days.format(row, yes=yes), postgresql) for part, days, rows in notes for row in rows)
        when = f"{act} OF {', '.join(columns)}" if columns else act
        if postgresql:
            # With the rights of the owner: who answers has none to what is counted.
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
                f"SET search_path FROM CURRENT AS $$ BEGIN {steps} RETURN NULL; END $$"
            )
            op.execute(f'CREATE TRIGGER {name} AFTER {when} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()')
        else:
            op.execute(f'CREATE TRIGGER {name} AFTER {when} ON "{table}" BEGIN {steps} END')


def _note(part: int, days: str, postgresql: bool) -> str:
    """Return the statement that notes some days, as far as they are announced.

    On SQLite writers come one after the other, so that the newest note of a day can take the place of those before: by
    a number of its own, for whoever counts the day just now knows those of before.
    """
    announced = f"SELECT 1 FROM counted_span WHERE part = {part} AND last >= noted.day AND first <= noted.day"
    former = "" if postgresql else f"DELETE FROM changed_day WHERE part = {part} AND day IN ({days}); "
    return (
        f"{former}INSERT INTO changed_day (part, day) SELECT {part}, noted.day FROM ({days}) AS noted "
        f"WHERE EXISTS ({announced});"
    )
