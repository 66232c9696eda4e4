"""Ledger and audit trail are only added to, by whomever; answers and comments change for web logins by their rules alone."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

# Whoever closes a period locks them, for which PostgreSQL asks for a right on the whole table: that to delete, refused.
LOCKED = ("response", "closed_period", "exclusion_decision")
LEDGER = ("ledger_entry", "ledger_subtree", "ledger_checkpoint")
REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""
# A closing stays for ever: its figures are checked against it. Other entries go when their time is over.
REFUSE_ERASING = """
CREATE FUNCTION refuse_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('hailong.erasing', true) IS DISTINCT FROM 'on' OR OLD.act = 'period.closed' THEN
        RAISE EXCEPTION 'audit_entry is only added to' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$
"""
# Looked at when the transaction ends, with the rights of the owner: whoever asks may not see all that matters.
COUNTED = """
CREATE FUNCTION check_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT NEW.counted AND EXISTS (SELECT FROM response AS later WHERE later.supersedes_id = NEW.id) THEN
        RETURN NULL;
    END IF;
    IF TG_ARGV[0] = 'staff' THEN
        IF NOT NEW.counted AND NEW.channel IN (4, 5) THEN  -- a sheet that its official takes back at once
            RETURN NULL;
        END IF;
        IF EXISTS (
            SELECT FROM excluded_answer AS e JOIN exclusion AS x ON x.id = e.exclusion_id
            JOIN exclusion_decision AS d ON d.exclusion_id = x.id
            WHERE e.response_id = NEW.id AND d.agreed AND x.kind = CASE WHEN NEW.counted THEN 2 ELSE 1 END
        ) THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'an answer is only replaced by a later one, or left out by two accounts'
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
ERASED = """
CREATE FUNCTION check_erased() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM response WHERE id = OLD.response_id AND comments_erased) OR NOT EXISTS (
        SELECT FROM ledger_event WHERE response_id = OLD.response_id AND kind = 'comments_erased'
    ) THEN
        RAISE EXCEPTION 'a comment is only erased at the request of its person, and the ledger is told'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
        )
        return
    for function in (REFUSE, REFUSE_ERASING, COUNTED, ERASED):
        op.execute(function)
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER only_added_to BEFORE UPDATE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER only_erased_in_time BEFORE DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION refuse_erasing()"
    )
    for table in LOCKED:
        op.execute(
            f"CREATE TRIGGER kept_by_staff BEFORE DELETE ON {table} FOR EACH STATEMENT "
            "WHEN (current_user ~ '_staff$') EXECUTE FUNCTION refuse_change()"
        )
    for login in ("citizens", "staff"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER counted_by_{login} AFTER UPDATE OF counted ON response "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            f"WHEN (OLD.counted <> NEW.counted AND current_user ~ '_{login}$') "
            f"EXECUTE FUNCTION check_counted('{login}')"
        )
    op.execute(
        "CREATE CONSTRAINT TRIGGER erased_by_staff AFTER DELETE ON comment DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW WHEN (current_user ~ '_staff$') EXECUTE FUNCTION check_erased()"
    )


# `hailong roles` has set them; they hold on to tables and columns that older revisions have not.
NO_POLICIES = """
DO $$
DECLARE held record;
BEGIN
    FOR held IN SELECT polrelid::regclass AS place FROM pg_policy WHERE polname = 'own_agencies' LOOP
        EXECUTE format('DROP POLICY own_agencies ON %s', held.place);
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', held.place);
    END LOOP;
END $$
"""


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS audit_entry_no_update")
        return
    op.execute(NO_POLICIES)
    for function in ("refuse_change", "refuse_erasing", "check_counted", "check_erased"):
        op.execute(f"DROP FUNCTION {function}() CASCADE")
