"""What each login of PostgreSQL may do, tried by its own connection: what is for it works, all else is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.audit import trail
from survey.audit.acts import Act
from survey.collection import exclusions
from survey.collection.exclusions import Grounds
from survey.comments import kept_answers
from survey.db import row_security
from survey.db.engine import Database
from survey.db.logins import Login
from survey.errors import Conflict
from survey.ledger import numbering, sealing, signing_key
from survey.models import Base, Channel, Comment, ExclusionKind, ExclusionReason, LedgerCheckpoint, Response
from survey.operations import database_findings, database_roles, retention
from survey.operations.row_policies import POLICIES
from survey.operations.table_rights import TABLES
from survey.organisation.agencies import tree
from survey.organisation.sight import ever_within
from survey.security.tokens import receipt_code
from survey.settings import Settings
from tests.support import factories, logins
from tests.support.cases import answer
from tests.support.forbidden_acts import FORBIDDEN
from tests.support.officials import official

NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 10, 6, 5, tzinfo=dt.UTC)
SPAM = Grounds(ExclusionReason.PROGRAM, "Một chương trình gửi hàng loạt")


@pytest.fixture
def engine_name() -> str:
    """Only PostgreSQL has logins."""
    return "postgresql"


@pytest.fixture
def by(settings: Settings) -> Iterator[Callable[[Login], Database]]:
    """The database by one of its logins."""
    opened: dict[Login, Database] = {}

    def database(login: Login) -> Database:
        return opened.setdefault(login, Database(logins.address(settings.database_url, login)))

    yield database
    for one in opened.values():
        one.dispose()


@contextmanager
def writing(database: Database) -> Iterator[Session]:
    with database.session(writes=True) as session:
        yield session
        session.commit()


@pytest.fixture
def key(settings: Settings) -> Path:
    """The key of a ledger in which one answer with a comment of each of two units is sealed."""
    path = signing_key.file_of(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    signing_key.make(path, "khaosat.example.vn")
    return path


@pytest.fixture
def receipt(session: Session, store: Database, key: Path) -> bytes:
    """The receipt of an answer with a comment, sealed; another unit has one, too, and an official is on record."""
    receipts = [
        answer(session, factories.invitation(session, code, when=NOON), 2, NOON, "Phải chờ lâu")
        for code in ("H61.50", "H61.51")
    ]
    trail.append(session, official(session).id, Act.SESSION_STARTED, NOON)
    trail.append(session, None, Act.PERIOD_CLOSED, NOON)
    session.commit()
    sealing.seal(store, key, NOON)
    factories.response(session, 3, when=NOON)  # which waits to be sealed
    session.commit()
    return receipts[0]


def filled(statement: str, names: dict[str, str]) -> bytes:
    for name, value in names.items():
        statement = statement.replace(f"{{{name}}}", value)
    return statement.encode()


def attempted(database: Database, statements: tuple[str, ...], **names: str) -> dict[str, str]:
    """Try each statement in a transaction of its own; return why it was refused, by the statement."""
    refusals = {}
    with database.engine.connect() as connection:
        for statement in statements:
            try:
                connection.exec_driver_sql("SET LOCAL hailong.agencies = '{0}'")
                connection.connection.driver_connection.execute(filled(statement, names))  # type: ignore[union-attr]
                connection.commit()
            except Exception as error:
                connection.rollback()
                refusals[statement] = str(error)
    return refusals


@pytest.mark.parametrize("login", [*Login, None])
def test_each_forbidden_act_is_refused_by_the_server_itself(
    login: Login | None, receipt: bytes, store: Database, by: Callable[[Login], Database]
) -> None:
    statements = FORBIDDEN[login]
    database = store if login is None else by(login)
    names = {"owner": str(store.url.username), "login": str(database.url.username)}
    refusals = attempted(database, statements, **names)
    assert set(statements) - set(refusals) == set(), "done, though forbidden"
    why = (
        "permission denied",
        "must be owner",
        "cannot truncate",
        "is only added to",
        "is only replaced",
        "is only erased",
    )
    assert {one: reason for one, reason in refusals.items() if not any(word in reason for word in why)} == {}


def test_citizens_login_records_replaces_and_repeats_an_answer(
    session: Session, store: Database, by: Callable[[Login], Database]
) -> None:
    token = factories.invitation(session, when=NOON)
    session.commit()
    with writing(by(Login.CITIZENS)) as citizen:
        first = answer(citizen, token, 2, NOON, "Phải chờ lâu")
    with writing(by(Login.CITIZENS)) as citizen:
        second = answer(citizen, token, 4, LATER)
    with store.session(writes=False) as reading:
        rows = reading.execute(sa.select(Response.receipt, Response.counted).order_by(Response.id)).all()
    assert [tuple(row) for row in rows] == [(first, False), (second, True)]


def test_officials_login_leaves_answers_out_and_erases_a_comment_by_the_rules(
    receipt: bytes, session: Session, store: Database, by: Callable[[Login], Database]
) -> None:
    one, other = official(session, "tuan").id, official(session, "lan").id
    opened = factories.response(session, 1, when=NOON, channel=Channel.OPEN)
    number = session.scalars(sa.select(Response.id).where(Response.receipt == opened)).one()
    session.commit()
    with writing(by(Login.STAFF)) as staff:
        proposal = exclusions.propose(staff, ExclusionKind.EXCLUDE, [number], SPAM, one, LATER).id
    with writing(by(Login.STAFF)) as staff:
        exclusions.decide(staff, proposal, True, other, LATER)
    with writing(by(Login.STAFF)) as staff:
        assert kept_answers.erase_comments(staff, receipt_code(receipt), "Người dân yêu cầu", one, LATER) == 1
    with store.session(writes=False) as reading:
        assert not reading.get_one(Response, number).counted
        erased = reading.scalars(sa.select(Response.comments_erased).where(Response.receipt == receipt)).one()
        assert erased and reading.scalar(sa.select(sa.func.count()).select_from(Comment)) == 1


def test_the_sealing_login_seals(receipt: bytes, key: Path, store: Database, by: Callable[[Login], Database]) -> None:
    done = sealing.seal(by(Login.SEAL), key, LATER)
    with store.session(writes=False) as reading:
        assert not numbering.waits(reading)
        sizes = list(reading.scalars(sa.select(LedgerCheckpoint.size).order_by(LedgerCheckpoint.size)))
    assert done is not None and sizes[0] < sizes[1] == done.size


def test_entries_of_the_audit_trail_go_when_their_time_is_over_but_for_closings(
    receipt: bytes, settings: Settings, store: Database
) -> None:
    years_later = NOON + dt.timedelta(days=1000)
    assert retention.run(store, settings, lambda: years_later)["audit"] > 0
    with store.session(writes=False) as reading:
        acts = set(reading.execute(sa.text("SELECT act FROM audit_entry")).scalars())
    assert acts == {Act.PERIOD_CLOSED.value, Act.DATA_ERASED.value}


def counted(database: Database) -> dict[str, int]:
    """Return how many rows of each guarded table a session sees that forgets to ask for its own."""
    with database.session(writes=False) as session:
        return {
            policy.table: session.scalar(sa.text(f'SELECT count(*) FROM "{policy.table}"')) or 0 for policy in POLICIES
        }


def test_a_page_that_forgets_to_ask_gets_the_rows_of_the_own_agencies_alone(
    receipt: bytes, session: Session, by: Callable[[Login], Database]
) -> None:
    own, province = factories.agency_id(session, "H61.50"), factories.agency_id(session, "H61")
    staff = by(Login.STAFF)
    everything = counted(staff)
    assert everything["comment"] == 2
    with row_security.seeing_nothing():
        assert set(counted(staff).values()) == {0}
        row_security.see(ever_within(session, own))
        mine = counted(staff)
        assert mine["comment"] == 1 and all(mine[table] == everything[table] - 1 for table in ("case", "invitation"))
        with staff.session(writes=False) as reading:
            assert set(reading.scalars(sa.select(Response.agency_id))) == {own}
        with writing(staff) as erring:
            assert erring.execute(sa.text("UPDATE response SET respondent = 2")).rowcount == mine["response"]
    with row_security.seeing_nothing():
        row_security.see(ever_within(session, province))
        assert counted(staff) == everything
    with row_security.seeing_nothing(), staff.connection(writes=False) as lone:
        assert lone.scalar(sa.text("SELECT count(*) FROM response")) == 0, "a statement without a transaction around it"


def test_what_an_account_ever_sees_is_what_some_day_s_tree_has(session: Session) -> None:
    for code in ("H61", "H61.1", "H61.50"):
        scope = factories.agency_id(session, code)
        assert set(tree(session).all_within(scope)) == (ever_within(session, scope) or set(tree(session).agencies))


def changed(store: Database, *statements: str) -> list[str]:
    """Change something about the logins and return what the check says of it; nothing of it stays."""
    with store.engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        deviations = [one.message % one.values for one in database_roles.deviations(connection)]
        connection.rollback()
    return deviations


def test_the_check_names_each_thing_that_is_not_as_it_should_be(store: Database) -> None:
    owner = str(store.url.username)
    citizens, staff = Login.CITIZENS.of(owner), Login.STAFF.of(owner)
    assert changed(store) == []
    for statements, words in {
        (f"GRANT UPDATE ON response TO {citizens}",): f"{citizens} may, and must not: UPDATE ON response",
        (f"GRANT UPDATE (overall) ON response TO {staff}",): f"{staff} may, and must not: UPDATE (overall) ON response",
        (f"REVOKE INSERT ON response FROM {citizens}",): f"{citizens} may not, and must: INSERT ON response",
        ("GRANT SELECT ON comment TO PUBLIC",): "PUBLIC may, and must not: SELECT ON comment",
        (f"ALTER ROLE {staff} BYPASSRLS",): f"{staff} is BYPASSRLS",
        (f"GRANT {owner} TO {citizens}",): f"{citizens} is a member of {owner}",
        (f"GRANT CREATE ON SCHEMA public TO {citizens}",): f"{citizens} may make tables and functions",
        (f"ALTER TABLE theme OWNER TO {staff}",): f"theme belongs to {staff}",
        (f"ALTER ROLE {staff} NOLOGIN",): f"{staff} may not log in",
        ("ALTER TABLE comment DISABLE ROW LEVEL SECURITY",): "rows of comment are not held to their agencies",
        ("ALTER POLICY own_agencies ON response USING (true)",): "rows of response are not held to their agencies",
        ("CREATE POLICY more ON response USING (true)",): "rows of response are not held to their agencies",
        ("ALTER TABLE ledger_entry DISABLE TRIGGER only_added_to",): (
            "ledger_entry can be changed: its trigger only_added_to is off or missing"
        ),
    }.items():
        assert words in changed(store, *statements), statements


def test_setting_up_again_mends_what_was_changed(store: Database) -> None:
    citizens = Login.CITIZENS.of(str(store.url.username))
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT UPDATE, DELETE ON response TO {citizens}")
        connection.exec_driver_sql(f"REVOKE INSERT ON response FROM {citizens}")
        connection.exec_driver_sql("ALTER POLICY own_agencies ON comment USING (true)")
        connection.exec_driver_sql("CREATE POLICY more ON theme USING (true)")
        assert len(list(database_roles.deviations(connection))) == 5
        database_roles.set_up(connection)
        assert list(database_roles.deviations(connection)) == []


def test_a_login_that_is_not_the_owner_s_sets_no_rights(by: Callable[[Login], Database]) -> None:
    with by(Login.STAFF).engine.begin() as connection, pytest.raises(Conflict, match="who owns the tables"):
        database_roles.set_up(connection)


def test_every_table_stands_in_the_table_of_rights() -> None:
    """Whoever adds a table says there what each login may do with it; all that hangs on an answer has a policy."""
    assert set(TABLES) == set(Base.metadata.tables)
    guarded = {policy.table for policy in POLICIES}
    for table in Base.metadata.sorted_tables:
        above = {foreign.column.table.name for foreign in table.foreign_keys}
        if above & {"response", "comment", "case"}:
            assert table.name in guarded | {"excluded_answer", "ledger_event"}, "say whose rows these are"


def test_the_doctor_says_whose_logins_are_used(settings: Settings, store: Database, vietnamese: None) -> None:
    assert database_findings.logins(settings, store).state == "ok"
    web = logins.apart(settings)
    with Database(web.database_url) as staff:
        assert database_findings.logins(web, staff).state == "ok"
        careless = replace(web, citizens_database_url="")
        assert "officials' pages" in database_findings.logins(careless, staff).observation
    with store.engine.begin() as connection:
        connection.exec_driver_sql("GRANT SELECT ON comment TO PUBLIC")
    assert database_findings.logins(settings, store).values["number"] == 1
