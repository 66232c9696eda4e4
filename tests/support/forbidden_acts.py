"""What each login of PostgreSQL may not do, and what nobody may: each line is tried over a real connection."""

from __future__ import annotations

from survey.db.logins import Login

LEDGER = ("ledger_entry", "ledger_subtree", "ledger_checkpoint")
OF_ANSWERS = (
    "UPDATE response SET overall = 5",
    "UPDATE response SET r1 = 5",
    "UPDATE response SET day = day - 1",
    "UPDATE response SET counted = NOT counted",
    "UPDATE response SET receipt = 'x'",
    "DELETE FROM response",
    "UPDATE comment SET text = 'Rất tốt'",
    "UPDATE comment SET original = NULL",
    "DELETE FROM comment",
    "TRUNCATE response CASCADE",
)
OF_THE_LEDGER = (
    *(f"DELETE FROM {table}" for table in LEDGER),
    *(f"TRUNCATE {table}" for table in LEDGER),
    "UPDATE ledger_entry SET content = 'x'",
    "UPDATE ledger_checkpoint SET note = 'x'",
    "UPDATE ledger_subtree SET root = leaf FROM ledger_entry",
    "UPDATE audit_entry SET about = '{}'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
)
OF_THE_DATABASE = (
    "CREATE TABLE own (id int)",
    "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE response DISABLE TRIGGER ALL",
    "ALTER TABLE response DISABLE ROW LEVEL SECURITY",
    "DROP TRIGGER only_added_to ON ledger_entry",
    "DROP POLICY own_agencies ON response",
    "SET session_replication_role = replica",
    "SET ROLE {owner}",
    "GRANT {owner} TO {login}",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY response TO PROGRAM 'cat'",
)
SHARED = (*OF_ANSWERS, *OF_THE_LEDGER, *OF_THE_DATABASE)
FORBIDDEN: dict[Login | None, tuple[str, ...]] = {
    Login.CITIZENS: (
        *SHARED,
        "INSERT INTO ledger_entry VALUES (99, 'x', 'x')",
        "DELETE FROM ledger_event",
        "UPDATE invitation SET token_hash = 'x'",
        "DELETE FROM invitation",
        'UPDATE "case" SET finished_day = 1',
        'DELETE FROM "case"',
        "UPDATE questionnaire SET document = '{}'",
        "INSERT INTO target (id) VALUES (1)",
        "SELECT * FROM audit_entry",
        "SELECT password_hash FROM staff",
        "SELECT * FROM staff_session",
        "SELECT * FROM api_key",
        "SELECT * FROM webhook",
    ),
    Login.STAFF: (
        *SHARED,
        "INSERT INTO ledger_entry VALUES (99, 'x', 'x')",
        "DELETE FROM ledger_event",
        "UPDATE ledger_event SET about = '{}'",
        "UPDATE response SET salt = NULL",
        "DELETE FROM exclusion_decision",
        "UPDATE exclusion SET words = ''",
        "DELETE FROM closed_period",
        "UPDATE frozen_cell SET satisfied = answered",
        "UPDATE follow_up_step SET question = 'S9'",
        "DELETE FROM staff",
        "UPDATE issued_report SET sha256 = 'x'",
        "SET LOCAL hailong.erasing = 'on'; DELETE FROM audit_entry",
    ),
    Login.SEAL: (
        *SHARED,
        "INSERT INTO comment (response_id) VALUES (1)",
        "UPDATE response SET agency_id = 1",
        "UPDATE ledger_event SET about = '{}'",
        "SELECT * FROM staff",
        'SELECT * FROM "case"',
        "SELECT * FROM invitation",
    ),
    None: (*OF_THE_LEDGER, "SET LOCAL hailong.erasing = 'on'; DELETE FROM audit_entry WHERE act = 'period.closed'"),
}
