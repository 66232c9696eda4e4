"""One spelling for the acts on record: a noun, a dot and what was done."""

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SPELLINGS = {
    "agencies_imported": "agencies.imported",
    "procedures_imported": "procedures.imported",
    "cases_imported": "cases.imported",
    "cases_sent": "cases.received",
    "invitations_issued": "invitations.issued",
    "placement.add": "placement.added",
    "placement.on": "placement.switched_on",
    "placement.off": "placement.switched_off",
    "questionnaire.draft": "questionnaire.drafted",
    "questionnaire.save": "questionnaire.saved",
    "questionnaire.publish": "questionnaire.published",
    "questionnaire.discard": "questionnaire.discarded",
    "period.close": "period.closed",
    "report.download": "report.downloaded",
    "staff.add": "staff.added",
    "staff.disable": "staff.disabled",
    "staff.password_change": "staff.password_changed",
    "session.start": "session.started",
    "session.revoke": "session.revoked",
    "session.end": "session.ended",
    "session.end_all": "session.all_ended",
    "api_key_added": "api_key.added",
    "api_key_revoked": "api_key.revoked",
    "webhook_added": "webhook.added",
    "webhook_removed": "webhook.removed",
}

audit_entry = sa.table("audit_entry", sa.column("act", sa.String))


def upgrade() -> None:
    rename(SPELLINGS)


def downgrade() -> None:
    rename({after: before for before, after in SPELLINGS.items()})


def rename(spellings: dict[str, str]) -> None:
    # One pass over the table, which may be long; what is in no list stays.
    act = audit_entry.c.act
    op.execute(sa.update(audit_entry).where(act.in_(spellings)).values(act=sa.case(spellings, value=act)))
