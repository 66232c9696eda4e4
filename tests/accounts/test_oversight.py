"""What accounts may do to those below them: nobody gives a right he lacks, and rights that change hold at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey.accounts import account_links, accounts, oversight, paired_requests, sessions, sign_in
from survey.accounts.oversight import Overseer
from survey.errors import Conflict, Expired, Forbidden, InvalidPassword, NotFound, SurveyError
from survey.models import AccountLink, AccountReview, AuditEntry, PairedAct, Role, Staff
from survey.organisation import agencies
from tests.support import factories
from tests.support.factories import SECRET
from tests.support.officials import PASSWORD, official

NOON = dt.datetime(2026, 11, 2, 5, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PROVINCE, UNIT, OTHER = "H61", "H61.50", "H61.51"


def overseer(session: Session, account: Staff) -> Overseer:
    """Return who acts, as the pages make it."""
    tree, top = agencies.tree(session), agencies.root(session)
    return Overseer(
        account.id, account.role, frozenset(tree.all_within(account.agency_id)), frozenset(tree.all_within(top.id)[:1])
    )


def signed_in(session: Session, account: Staff) -> str:
    """Let somebody be signed in."""
    return sessions.begin(session, account.id, NOON)


def acts(session: Session) -> Iterable[str]:
    """Return what is on record, in its order, from the accounts' own adding on."""
    record = sa.select(AuditEntry.act).where(AuditEntry.staff_id.is_not(None)).order_by(AuditEntry.id)
    return session.scalars(record).all()


# By role and unit: of whoever acts, of whom, and whether that is refused, as what.
ACTING: tuple[tuple[Role, str, Role, str, type[SurveyError] | None], ...] = (
    (Role.MANAGER, UNIT, Role.VIEWER, UNIT, None),
    (Role.MANAGER, UNIT, Role.INTERVIEWER, UNIT, None),
    (Role.MANAGER, UNIT, Role.MANAGER, UNIT, Forbidden),
    (Role.MANAGER, UNIT, Role.AUDITOR, UNIT, Forbidden),
    (Role.MANAGER, UNIT, Role.ADMINISTRATOR, UNIT, Forbidden),
    (Role.MANAGER, UNIT, Role.VIEWER, OTHER, NotFound),
    (Role.MANAGER, UNIT, Role.VIEWER, PROVINCE, NotFound),
    (Role.ADMINISTRATOR, UNIT, Role.VIEWER, PROVINCE, NotFound),
    (Role.ADMINISTRATOR, UNIT, Role.MANAGER, UNIT, None),
    (Role.ADMINISTRATOR, PROVINCE, Role.MANAGER, UNIT, None),
    (Role.ADMINISTRATOR, PROVINCE, Role.AUDITOR, PROVINCE, None),
    (Role.AUDITOR, PROVINCE, Role.VIEWER, UNIT, Forbidden),
    (Role.VIEWER, PROVINCE, Role.VIEWER, UNIT, Forbidden),
    (Role.INTERVIEWER, PROVINCE, Role.VIEWER, UNIT, Forbidden),
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # the rule is Python's
def test_who_may_act_on_whom(session: Session) -> None:
    seen = []
    for number, (role, where, other, there, _expected) in enumerate(ACTING):
        actor = overseer(session, official(session, f"actor{number}", where, role))
        below = official(session, f"other{number}", there, other)
        try:
            oversight.below(session, actor, below.id)
            seen.append(None)
        except SurveyError as refused:
            seen.append(type(refused))
    assert seen == [expected for *_, expected in ACTING]


def test_nobody_acts_on_the_own_account_or_gives_what_may_not_be_given(session: Session) -> None:
    boss = official(session, "boss", UNIT, Role.MANAGER)
    actor, below = overseer(session, boss), official(session, "below", UNIT)
    with pytest.raises(Forbidden):
        oversight.below(session, actor, boss.id)
    unit = factories.agency_id(session, UNIT)
    for role in (Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            oversight.change(session, actor, below, role, unit, NOON)
        with pytest.raises(Forbidden):
            account_links.invite(session, actor, SECRET, "Lan", role, unit, "", NOON)
    with pytest.raises(NotFound):
        oversight.change(session, actor, below, Role.VIEWER, factories.agency_id(session, OTHER), NOON)
    assert below.role == Role.VIEWER


def test_rights_that_change_end_sessions_and_links_at_once(session: Session) -> None:
    boss = official(session, "boss", PROVINCE, Role.ADMINISTRATOR)
    manager = official(session, "manager", UNIT, Role.MANAGER)
    actor, unit, other = (
        overseer(session, boss),
        factories.agency_id(session, UNIT),
        factories.agency_id(session, OTHER),
    )
    for deed in (
        lambda: oversight.change(session, actor, manager, Role.MANAGER, other, NOON),
        lambda: oversight.change(session, actor, manager, Role.VIEWER, other, NOON),
        lambda: oversight.change(session, actor, manager, Role.MANAGER, unit, NOON),
        lambda: oversight.suspend(session, actor, manager, NOON),
    ):
        token = signed_in(session, manager)
        _, invited = account_links.invite(
            session, overseer(session, boss), SECRET, "Lan", Role.VIEWER, manager.agency_id, "", NOON
        )
        session.execute(sa.update(AccountLink).values(invited_by_id=manager.id))
        deed()
        assert sessions.signed_in(session, token, NOON) is None
        with pytest.raises(Expired):
            account_links.opened(session, invited, NOON)
    assert sign_in.credentials(session, "manager").staff_id is None
    oversight.resume(session, actor, manager, NOON)
    assert sign_in.credentials(session, "manager").staff_id == manager.id
    assert not oversight.change(session, actor, manager, Role.MANAGER, unit, NOON), "nothing is new"


def test_the_last_administrator_of_the_province_stays(session: Session) -> None:
    one = official(session, "one", PROVINCE, Role.ADMINISTRATOR)
    two = official(session, "two", PROVINCE, Role.ADMINISTRATOR)
    official(session, "unit", UNIT, Role.ADMINISTRATOR)
    actor, unit = overseer(session, one), factories.agency_id(session, UNIT)
    with pytest.raises(Forbidden):
        oversight.suspend(session, actor, two, NOON)
    oversight.suspend(session, actor, two, NOON, together=True)
    for deed in (
        lambda: oversight.suspend(session, actor, one, NOON, together=True),
        lambda: oversight.change(session, actor, one, Role.VIEWER, one.agency_id, NOON, together=True),
        lambda: oversight.change(session, actor, one, Role.ADMINISTRATOR, unit, NOON, together=True),
    ):
        with pytest.raises(Conflict):
            deed()
    assert one.enabled and one.role == Role.ADMINISTRATOR


def test_an_account_is_looked_at_once_a_year_by_somebody_above_it(session: Session) -> None:
    boss = official(session, "boss", PROVINCE, Role.ADMINISTRATOR)
    account, peer = official(session, "unit", UNIT, Role.MANAGER), official(session, "peer", PROVINCE, Role.MANAGER)
    first = oversight.looks(session, [account.id])[account.id]
    assert first.at is not None and first.by_id is None, "the machine has added it"
    assert first.overdue(first.at + 365 * DAY) and not first.overdue(first.at + 364 * DAY)
    session.execute(sa.delete(AccountReview))
    assert oversight.looks(session, [account.id])[account.id].overdue(NOON), "one of before accounts were on pages"
    assert oversight.review(session, overseer(session, boss), [account.id, boss.id, 10**9], NOON) == 1
    assert oversight.review(session, overseer(session, peer), [account.id], NOON) == 0, "a peer has no say"
    look = oversight.looks(session, [account.id])[account.id]
    assert (look.at, look.by_id) == (NOON, boss.id)
    assert not look.overdue(NOON + 364 * DAY) and look.overdue(NOON + 365 * DAY)
    assert oversight.looks(session, [boss.id])[boss.id].at is None, "nobody confirms the own account"


def test_when_somebody_signed_in_last_is_read_from_the_record(session: Session) -> None:
    account = official(session)
    assert oversight.last_sign_ins(session, [account.id]) == {}
    for days in (2, 5, 3):
        sessions.begin(session, account.id, NOON + days * DAY)
    assert oversight.last_sign_ins(session, [account.id]) == {account.id: NOON + 5 * DAY}


def test_what_concerns_an_administrator_takes_two(session: Session) -> None:
    one = official(session, "one", PROVINCE, Role.ADMINISTRATOR)
    two = official(session, "two", PROVINCE, Role.ADMINISTRATOR)
    third = official(session, "third", PROVINCE, Role.VIEWER)
    first, second, unit = overseer(session, one), overseer(session, two), factories.agency_id(session, PROVINCE)
    with pytest.raises(Forbidden):
        oversight.check_alone(first, Role.ADMINISTRATOR)
    asked = paired_requests.ask(session, first, PairedAct.CHANGE, third, Role.ADMINISTRATOR, unit, NOON)
    assert paired_requests.others(session, first) == 1
    for nobody in (first, overseer(session, third), overseer(session, official(session, "manager", role=Role.MANAGER))):
        with pytest.raises(Forbidden):
            paired_requests.decide(session, nobody, asked.id, agreed=True, at=NOON)
    assert third.role == Role.VIEWER
    [(waits, account)] = paired_requests.waiting(session, second, NOON)
    assert (waits.id, account.id) == (asked.id, third.id)
    paired_requests.decide(session, second, asked.id, agreed=True, at=NOON)
    assert third.role == Role.ADMINISTRATOR
    with pytest.raises(Conflict):
        paired_requests.decide(session, second, asked.id, agreed=True, at=NOON)
    assert [act for act in acts(session) if act.startswith(("paired", "staff.changed"))] == [
        "paired_request.asked",
        "staff.changed",
        "paired_request.agreed",
    ]


def test_a_request_is_taken_back_refused_or_over_and_then_changes_nothing(session: Session) -> None:
    one = official(session, "one", PROVINCE, Role.ADMINISTRATOR)
    two = official(session, "two", PROVINCE, Role.ADMINISTRATOR)
    third = official(session, "third", PROVINCE, Role.ADMINISTRATOR)
    first, second = overseer(session, one), overseer(session, two)

    def ask() -> int:
        return paired_requests.ask(session, first, PairedAct.SUSPEND, third, third.role, third.agency_id, NOON).id

    paired_requests.decide(session, first, ask(), agreed=False, at=NOON)
    paired_requests.decide(session, second, ask(), agreed=False, at=NOON)
    late = ask()
    with pytest.raises(Conflict):
        paired_requests.decide(session, second, late, agreed=True, at=NOON + paired_requests.KEPT)
    with pytest.raises(Forbidden):
        paired_requests.decide(session, overseer(session, third), late, agreed=False, at=NOON)
    again = ask()
    assert [waits.id for waits, _ in paired_requests.waiting(session, second, NOON)] == [again], "one of a kind waits"
    one.enabled = False
    session.flush()
    with pytest.raises(Conflict):
        paired_requests.decide(session, second, again, agreed=True, at=NOON)
    assert third.enabled


def test_a_link_sets_up_one_account_once(session: Session) -> None:
    boss = official(session, "boss", PROVINCE, Role.ADMINISTRATOR)
    actor, unit = overseer(session, boss), factories.agency_id(session, UNIT)
    link, token = account_links.invite(session, actor, SECRET, "Lê Lan", Role.MANAGER, unit, "lan@vl.example", NOON)
    assert token not in repr(session.execute(sa.text("SELECT * FROM account_link")).all())
    assert b"lan@" not in (link.email or b"")
    with pytest.raises(InvalidPassword):
        account_links.set_up(session, SECRET, token, "lan", "", "ngắn", NOON)
    account = account_links.set_up(session, SECRET, token, "lan", "", PASSWORD, NOON)
    assert (account.name, account.role, account.agency_id, account.email_confirmed) == (
        "Lê Lan",
        Role.MANAGER,
        unit,
        True,
    )
    assert oversight.looks(session, [account.id])[account.id].by_id == boss.id
    with pytest.raises(Expired):
        account_links.set_up(session, SECRET, token, "lan2", "", PASSWORD, NOON)
    assert session.scalar(sa.select(AuditEntry.staff_id).where(AuditEntry.act == "staff.invited")) == boss.id


def test_a_link_that_is_old_withdrawn_or_from_somebody_without_the_right_opens_nothing(session: Session) -> None:
    boss, peer = (official(session, name, PROVINCE, Role.ADMINISTRATOR) for name in ("boss", "peer"))
    actor, unit = overseer(session, boss), factories.agency_id(session, UNIT)

    def invited() -> tuple[int, str]:
        link, token = account_links.invite(session, actor, SECRET, "Lan", Role.VIEWER, unit, "", NOON)
        return link.id, token

    _, old = invited()
    number, withdrawn = invited()
    account_links.withdraw(session, overseer(session, peer), number, NOON)
    for token, when in (
        (old, NOON + account_links.VALID),
        (withdrawn, NOON),
        ("A" * 22, NOON),
        ("' OR 1=1 --", NOON),
    ):
        with pytest.raises(Expired):
            account_links.opened(session, token, when)
    manager = official(session, "manager", UNIT, Role.VIEWER)
    with pytest.raises(Forbidden):
        account_links.withdraw(session, overseer(session, manager), number, NOON)
    with pytest.raises(NotFound):
        account_links.withdraw(session, overseer(session, official(session, "x", OTHER, Role.MANAGER)), number, NOON)
    _, late = invited()
    boss.role = Role.VIEWER
    session.flush()
    with pytest.raises(Expired):
        account_links.opened(session, late, NOON)


def test_by_a_link_somebody_chooses_a_new_password_and_is_signed_out_everywhere(session: Session) -> None:
    boss = official(session, "boss", PROVINCE, Role.ADMINISTRATOR)
    account = official(session, "hanh", UNIT)
    held, before = signed_in(session, account), account.password_hash
    _, first = account_links.for_password(session, overseer(session, boss), account, NOON)
    _, token = account_links.for_password(session, overseer(session, boss), account, NOON)
    for wrong in (first, "B" * 22):
        with pytest.raises(Expired):
            account_links.choose_password(session, SECRET, wrong, PASSWORD + " mới", NOON)
    with pytest.raises(Expired):
        account_links.set_up(session, SECRET, token, "other", "", PASSWORD, NOON)
    account_links.choose_password(session, SECRET, token, PASSWORD + " mới", NOON)
    assert account.password_hash != before and sessions.signed_in(session, held, NOON) is None
    assert accounts.named(session, "hanh").id == account.id
