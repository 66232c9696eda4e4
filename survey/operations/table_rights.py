"""What each login of PostgreSQL may do with each table: the one table of rights; a table that is not here is shut.

No login but the owner's updates an answer's ratings, a comment's text or anything of the ledger and the audit trail.
What must be locked to be read is given with a column that nobody changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from survey.db.logins import Login

READ = "SELECT"
ADD = "SELECT, INSERT"
CHANGE = "SELECT, INSERT, UPDATE"
LIST = "SELECT, INSERT, DELETE"
KEEP = "SELECT, INSERT, UPDATE, DELETE"
TO_LOCK = "DELETE"  # the least right with which a closing may lock a table; a trigger refuses every deletion by it
# An answer follows its case; whether it counts changes by rules that triggers hold everybody to.
OF_ITS_CASE = "agency_id, procedure_id, respondent, outcome, timeliness"


@dataclass(frozen=True)
class TableRights:
    """The rights of each login on one table: privileges with commas between them, each perhaps of some columns."""

    citizens: str = ""
    staff: str = ""
    seal: str = ""

    def of(self, login: Login) -> str:
        """Return the rights of one login."""
        return str(getattr(self, login.value))


TABLES: dict[str, TableRights] = {
    # Answers
    "response": TableRights(
        citizens="SELECT, INSERT, UPDATE (counted)",
        staff=f"SELECT, INSERT, {TO_LOCK}, UPDATE (counted, comments_erased, {OF_ITS_CASE})",
        seal="SELECT, UPDATE (entry, salt, comment_marks)",
    ),
    "comment": TableRights(ADD, LIST, "SELECT, UPDATE (salt)"),
    "privacy_notice": TableRights(ADD, ADD),
    "reply_contact": TableRights(KEEP, KEEP),
    "excluded_answer": TableRights(ADD, ADD),
    "exclusion": TableRights(READ, ADD),
    "exclusion_decision": TableRights(READ, f"SELECT, INSERT, {TO_LOCK}"),
    "follow_up": TableRights(CHANGE, KEEP),
    "follow_up_step": TableRights(ADD, LIST),
    "improvement": TableRights(READ, CHANGE),
    "improvement_step": TableRights("", ADD),
    "report_comment": TableRights("", LIST),
    "theme": TableRights("", LIST),
    "person_request": TableRights("", CHANGE),
    # The ledger, and who did what
    "ledger_entry": TableRights(READ, READ, ADD),
    "ledger_subtree": TableRights(READ, READ, ADD),
    "ledger_checkpoint": TableRights(READ, READ, ADD),
    "ledger_cosignature": TableRights(READ, READ, ADD),
    "ledger_witness": TableRights(READ, READ, CHANGE),
    "ledger_event": TableRights(ADD, ADD, "SELECT, DELETE"),
    "audit_entry": TableRights("", ADD, ADD),
    # Cases, and by what people answer
    "case": TableRights("SELECT, UPDATE (id)", CHANGE),
    "withdrawal": TableRights(READ, CHANGE),
    "apology": TableRights("", CHANGE),
    "call_back": TableRights("", KEEP),
    "call_back_number": TableRights("", KEEP),
    "call_back_case": TableRights("", CHANGE),
    "call_back_try": TableRights("", ADD),
    "invitation": TableRights("SELECT, UPDATE (changes)", CHANGE),
    "placement": TableRights(READ, CHANGE),
    "delivery": TableRights("SELECT, UPDATE (state, reason, payload, due_at, changed_at)", CHANGE),
    "transition": TableRights(ADD, ADD),
    "dead_address": TableRights("", READ),
    # What is asked, of whom, and held against what
    "agency": TableRights(READ, ADD),
    "procedure": TableRights(READ, ADD),
    "installation": TableRights(READ, "SELECT, UPDATE (revision)"),
    "questionnaire": TableRights(READ, KEEP),
    "target": TableRights(READ, KEEP),
    "quota": TableRights("", ADD),
    "moved_day": TableRights("", LIST),
    "earlier_system": TableRights("", READ),
    "earlier_count": TableRights("", READ),
    "portal_count": TableRights("", READ),
    # Counts of days that are over: triggers note what changes, with the owner's rights; `hailong work` counts
    "changed_day": TableRights("", READ),
    "counted_span": TableRights("", READ),
    "daily_cell": TableRights("", READ),
    "daily_choice": TableRights("", READ),
    "daily_cohort": TableRights("", READ),
    "daily_rating": TableRights("", READ),
    # Closed periods, reports and what is to be done
    "closed_period": TableRights(READ, f"SELECT, INSERT, {TO_LOCK}, UPDATE (beside)"),
    "frozen_cell": TableRights("", ADD),
    "frozen_cohort": TableRights("", ADD),
    "frozen_coverage": TableRights("", ADD),
    "unlinked_crossing": TableRights("", READ),
    "publication": TableRights(READ, CHANGE),
    "issued_report": TableRights(READ, ADD),
    "issuing": TableRights("", ADD),
    "duty": TableRights("", CHANGE),
    "duty_draft": TableRights("", CHANGE),
    "task": TableRights("", CHANGE),
    "task_step": TableRights("", ADD),
    "alert": TableRights("", "SELECT, UPDATE (settled_at, settled_by)"),
    "alert_choice": TableRights("", CHANGE),
    "alert_reading": TableRights("", CHANGE),
    "job": TableRights("", CHANGE),
    # Accounts and programs
    "staff": TableRights("SELECT (id, name, login)", CHANGE),
    "staff_session": TableRights("", KEEP),
    "identity": TableRights("", KEEP),
    "account_link": TableRights("", CHANGE),
    "account_review": TableRights("", CHANGE),
    "authenticator": TableRights("", KEEP),
    "passkey": TableRights("", KEEP),
    "recovery_code": TableRights("", LIST),
    "factor_reset": TableRights("", KEEP),
    "paired_request": TableRights("", CHANGE),
    "sign_in_failure": TableRights("", KEEP),
    "request_count": TableRights("", CHANGE),
    "api_key": TableRights("", CHANGE),
    "webhook": TableRights("", CHANGE),
    "idempotent_request": TableRights("", KEEP),
}
# What holds even the owner to adding, and web logins to the rules by which an answer may change: migration 0052.
TRIGGERS = frozenset(
    {
        ("ledger_entry", "only_added_to"),
        ("ledger_subtree", "only_added_to"),
        ("ledger_checkpoint", "only_added_to"),
        ("audit_entry", "only_added_to"),
        ("audit_entry", "only_erased_in_time"),
        ("response", "kept_by_staff"),
        ("closed_period", "kept_by_staff"),
        ("exclusion_decision", "kept_by_staff"),
        ("response", "counted_by_citizens"),
        ("response", "counted_by_staff"),
        ("comment", "erased_by_staff"),
    }
)
