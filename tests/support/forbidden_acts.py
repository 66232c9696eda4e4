"""What each login of PostgreSQL may not do, and what nobody may: each line is tried over a real connection."""

from __future__ import annotations

from survey.db.logins import Login
from survey.models import Base

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
# What is written once, or by the owner alone: why answers are left out, what was frozen, counted, sent and done.
WRITTEN_ONCE = (
    *("excluded_answer", "exclusion", "frozen_cell", "frozen_cohort", "frozen_coverage", "issued_report", "transition"),
    *("task_step", "improvement_step", "call_back_try", "privacy_notice", "quota", "agency", "procedure"),
    *("daily_cell", "daily_choice", "daily_cohort", "daily_rating", "changed_day", "counted_span"),
    *("dead_address", "earlier_system", "earlier_count", "portal_count", "unlinked_crossing"),
)
# What opens accounts, and what is known of people beside their answers.
OF_ACCOUNTS_AND_PEOPLE = (
    *("audit_entry", "staff_session", "identity", "account_link", "authenticator", "passkey", "recovery_code"),
    *("factor_reset", "paired_request", "sign_in_failure", "api_key", "webhook", "idempotent_request"),
    *("call_back", "call_back_number", "call_back_case", "person_request", "report_comment"),
)


def _changes(table: str) -> tuple[str, str]:
    """Return the two acts that change what a table holds, without changing anything."""
    column = next(iter(Base.metadata.tables[table].c)).name
    return f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"


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
        "SELECT password_hash FROM staff",
        *(f"SELECT * FROM {table}" for table in OF_ACCOUNTS_AND_PEOPLE),
        *(act for table in WRITTEN_ONCE for act in _changes(table)),
    ),
    Login.STAFF: (
        *SHARED,
        "INSERT INTO ledger_entry VALUES (99, 'x', 'x')",
        "DELETE FROM ledger_event",
        "UPDATE ledger_event SET about = '{}'",
        "UPDATE response SET salt = NULL",
        "DELETE FROM exclusion_decision",
        "DELETE FROM closed_period",
        "UPDATE closed_period SET last = last",
        "UPDATE alert SET about = about",
        "UPDATE follow_up_step SET question = 'S9'",
        "DELETE FROM staff",
        *(act for table in WRITTEN_ONCE for act in _changes(table)),
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
        *(f"SELECT * FROM {table}" for table in OF_ACCOUNTS_AND_PEOPLE if table != "audit_entry"),
        *(act for table in WRITTEN_ONCE for act in _changes(table)),
    ),
    None: (*OF_THE_LEDGER, "SET LOCAL hailong.erasing = 'on'; DELETE FROM audit_entry WHERE act = 'period.closed'"),
}
