"""A secret key is changed while links, forms, posters and messages are out: all stays good, and is sealed anew."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from survey import environment, secret_files
from survey.accounts import account_links, api_keys, authenticators, idempotency, mail_address
from survey.accounts.idempotency import Repeat
from survey.cases import former_keys
from survey.cases.recording import Tally
from survey.collection import comments, placements, qr_verification
from survey.collection.qr_verification import Authenticity
from survey.collection.withdrawn_cases import Informant
from survey.db.engine import Database
from survey.delivery import dead_addresses, message_reference, messages, webhooks
from survey.imports import sheets
from survey.imports.faults import Findings
from survey.models import (
    AccountLink,
    ApiKey,
    AuditEntry,
    Authenticator,
    Base,
    Case,
    Channel,
    Comment,
    Delivery,
    LinkPurpose,
    Response,
    Role,
    Staff,
    Webhook,
)
from survey.operations import resealing
from survey.security import sealing
from survey.security.tokens import case_hash, token_hash
from survey.settings import Settings, SettingsError
from tests.imports.test_sheets import HEADERS, TODAY, WHEN, line
from tests.support import commands, factories
from tests.support.files import as_csv
from tests.support.officials import official, sign_in, token_on
from tests.support.pages import check_page, hidden, receipt_on
from tests.support.sending.queued import invite_all

BEFORE, AFTER = factories.SECRET, "the key that takes its place, 32 letters+"
BOTH = f"{AFTER}\0{BEFORE}"
NOON = dt.datetime(2026, 10, 5, 5, tzinfo=dt.UTC)
Started = Callable[[Settings], AbstractContextManager[Flask]]
Look = Callable[[sa.Select[Any]], list[Any]]


@pytest.fixture
def clients(settings: Settings, started: Started) -> Any:
    """One visitor's browser before the change of the key, and the same one after it."""
    with started(settings) as before, started(dataclasses.replace(settings, secret_key=BOTH)) as after:
        yield before.test_client(), after.test_client()


def test_forms_that_are_open_are_taken_once_and_their_receipts_are_known(
    clients: tuple[FlaskClient, FlaskClient], store: Database, look: Look
) -> None:
    before, after = clients
    with store.session(writes=True) as session:
        pages = [f"/r/{factories.invitation(session)}", f"/q/{factories.placement(session).code}"]
        session.commit()
    for page in pages:
        form = {**hidden(before.get(page)), "S1": "4"}
        receipt = receipt_on(check_page(before.post(page, data=form)))
        again = after.post(page, data=form)
        assert again.status_code == 200 and receipt_on(check_page(again)) == receipt, "a double tap across the change"
        assert after.get(f"/receipt/{receipt}").status_code == 200
        more = {**hidden(again), "S1": "2"}
        assert after.post(page, data=more).status_code == 200, "the permit to add to it"
    late = {**hidden(before.get(pages[0])), "S1": "1"}
    assert after.post(pages[0], data=late).status_code == 200
    counted = look(sa.select(Response.overall).where(Response.counted).order_by(Response.id))
    assert len(counted) == 2, "each link and page counts once"


def test_an_official_stays_signed_in_and_the_form_on_the_screen_is_taken(
    clients: tuple[FlaskClient, FlaskClient], store: Database
) -> None:
    before, after = clients
    with store.session(writes=True) as session:
        official(session, role=Role.ADMINISTRATOR)
    assert sign_in(before).status_code == 303
    token = token_on(before, "/staff/account")
    for cookie in before._cookies.values():
        after._cookies[cookie._storage_key] = cookie
    assert after.get("/staff/account").status_code == 200
    sent = after.post("/staff/alerts/choices", data={"csrf_token": token, "language": "vi"})
    assert sent.status_code in (200, 302, 303), sent.text


def test_cases_sheets_and_requests_that_come_again_are_known(session: Session, tmp_path: Path) -> None:
    made = factories.case(session)
    made.code_hash = case_hash(BEFORE, "H61.50-261001-0001")
    session.flush()
    former_keys.follow(session, former_keys.hashes(BOTH, ["h61.50-261001-0001", "H61.50-261001-0002"]))
    assert session.scalars(sa.select(Case.code_hash)).all() == [case_hash(AFTER, "H61.50-261001-0001")]
    listed = as_csv(tmp_path / "s.csv", [HEADERS, line("1")])
    entries = sheets.check(sheets.surroundings(session, TODAY), listed, Findings(), bool)
    assert [sheets.apply(session, key, entries, Informant(WHEN)) for key in (BEFORE, BOTH)] == [
        Tally(1, 0, 0),
        Tally(0, 1, 0),
    ]
    api_keys.add(session, "portal", [api_keys.KeyScope.CASES_WRITE], factories.agency_id(session, "H61"), NOON)
    repeat = Repeat(session.scalars(sa.select(ApiKey.id)).one(), "monday", b"cases")
    assert idempotency.begin(session, BEFORE, repeat, NOON) is None
    idempotency.keep(session, BEFORE, repeat, b"links")
    kept = idempotency.begin(session, BOTH, repeat, NOON)
    assert kept is not None and kept.reply == b"links"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # hashes that any store compares alike
def test_posters_returned_mail_and_dead_addresses_are_known(session: Session) -> None:
    public, made = "https://khaosat.example.vn", factories.placement(session, code="7K2M9QXA")
    printed = placements.fingerprint(BEFORE, placements.address(public, Channel.OPEN, made.code))
    for typed, beside in ((made.code, printed), (made.code, ""), (printed, "")):
        verified = qr_verification.verify(session, BOTH, public, typed, beside)
        assert verified.authenticity == Authenticity.OURS and verified.fingerprints_before == (printed,)
        assert qr_verification.verify(session, AFTER, public, printed).authenticity == Authenticity.UNKNOWN
    reference = message_reference.read(message_reference.write(BEFORE, "k" * 24, "a@example.vn"))
    assert reference and message_reference.proves(BOTH, reference, "a@example.vn")
    assert not message_reference.proves(BOTH, reference, "b@example.vn")
    dead_addresses.add(session, BEFORE, "a@example.vn", NOON)
    assert dead_addresses.is_dead(session, BOTH, "A@example.vn") and not dead_addresses.is_dead(
        session, AFTER, "b@b.vn"
    )


NOTHING = ["", *[None] * 5]


def sealed_things(session: Session) -> None:
    """Keep one thing of every kind under the key of before."""
    invite_all(session, "linh.nguyen@example.vn")
    receipt = factories.response(session)
    answered = session.scalars(sa.select(Response).where(Response.receipt == receipt)).one()
    original = comments.seal(BEFORE, receipt, "S8", "Gọi tôi số 0912345678")
    session.add(Comment(response_id=answered.id, question="S8", text="Gọi tôi số […]", plain="", original=original))
    account = official(session)
    mail_address.save(session, BEFORE, account, "hanh@example.vn", "vi", NOON)
    account.email_confirmed = True
    province = factories.agency_id(session, "H61")
    key = sealing.seal(BEFORE, authenticators.PURPOSE, b"KEY OF AN APP", str(account.id).encode())
    session.add(Authenticator(staff_id=account.id, secret=key, added_at=NOON, last_step=0))
    hashed = token_hash("T" * 22)
    to = sealing.seal(BEFORE, account_links.PURPOSE, b"lan@example.vn", hashed)
    of = {"name": "Lan", "role": Role.VIEWER, "agency_id": account.agency_id, "invited_by_id": account.id}
    about = {"token_hash": hashed, "email": to, "invited_at": NOON, "expires_at": NOON + dt.timedelta(days=7)}
    session.add(AccountLink(purpose=LinkPurpose.ACCOUNT, **of, **about))
    webhooks.add(session, BEFORE, "ioc", "https://ioc.example.vn/", webhooks.EVENTS, province, NOON)
    session.commit()


def test_what_is_sealed_opens_before_and_after_it_is_sealed_anew(store: Database) -> None:
    with store.session(writes=True) as session:
        sealed_things(session)
        assert opened(session, BEFORE) == opened(session, BOTH) and opened(session, AFTER) == NOTHING
    counted = {kind.data: kind for kind in resealing.run(store, BOTH)}
    numbers = {name: kind.number for name, kind in counted.items() if kind.number}
    assert numbers == {
        "Messages that wait": 2,
        "Originals of comments": 1,
        "Addresses of officials": 1,
        "Addresses of officials who were invited": 1,
        "Keys of apps that make codes": 1,
        "Secrets of webhooks": 1,
    }
    assert not any(kind.number or kind.unreadable for kind in resealing.run(store, BOTH)), "a repeat does nothing"
    with store.session(writes=True) as session:
        told, original, waiting, hook, invited, app = opened(session, AFTER)
        assert (invited, app) == (b"lan@example.vn", b"KEY OF AN APP")
        assert (told, original) == ("hanh@example.vn", "Gọi tôi số 0912345678") and waiting and hook
        assert opened(session, BEFORE) == NOTHING
        acts = session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "secrets.resealed")).all()
        assert [entry.about for entry in acts] == [{"number": 7}]
    assert {kind.unreadable for kind in resealing.run(store, "a third key that never sealed anything")} == {0, 1, 2}


def opened(session: Session, secret: str) -> list[Any]:
    """Return what a secret opens of `sealed_things`."""
    session.expire_all()
    account = session.scalars(sa.select(Staff)).one()
    comment, receipt = session.execute(sa.select(Comment, Response.receipt).join(Response)).one()
    message = session.scalars(sa.select(Delivery).order_by(Delivery.id).limit(1)).one()
    hook = session.scalars(sa.select(Webhook)).one()
    link, key = session.scalars(sa.select(AccountLink)).one(), session.scalars(sa.select(Authenticator)).one()
    return [
        mail_address.address_of(secret, account),
        comments.unseal(secret, receipt, "S8", comment.original or b""),
        messages.unseal(secret, message.key, message.payload or b""),
        webhooks.unseal(secret, webhooks.PURPOSE, hook.sealed, hook.name.encode()),
        sealing.unseal(secret, account_links.PURPOSE, link.email or b"", link.token_hash),
        sealing.unseal(secret, authenticators.PURPOSE, key.secret, str(account.id).encode()),
    ]


HASHES = {
    *("request_count.who", "case.code_hash", "invitation.token_hash", "privacy_notice.hash", "staff_session.id_hash"),
    *("api_key.key_hash", "api_key.former_hash", "idempotent_request.key_hash", "idempotent_request.request_hash"),
    *("response.receipt", "response.privacy_notice", "dead_address.address_hash", "job.request"),
    *("account_link.token_hash", "recovery_code.code_hash", "ledger_entry.leaf", "ledger_subtree.root"),
    *("sign_in_failure.who", "sign_in_failure.login", "sign_in_failure.address", "issued_report.sha256"),
    *("publication.sha256", "staff_session.provider_session", "call_back.frame"),
}
PUBLIC = {"ledger_entry.content", "passkey.credential_id", "passkey.public_key"}
SALTS = {"response.salt", "comment.salt", "call_back.salt", "call_back.nonce"}
ENDS_WITHIN_A_DAY = {"idempotent_request.sealed"}


def test_every_column_of_bytes_is_sealed_anew_or_is_a_hash() -> None:
    """Whoever adds a sealed column says in `resealing.KINDS` how it is opened, or names it here."""
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
    }
    sealed = {f"{kind.table.name}.{kind.column.name}" for kind in resealing.KINDS}  # type: ignore[attr-defined]
    assert columns - HASHES - PUBLIC - SALTS - ENDS_WITHIN_A_DAY == sealed


def test_a_new_key_takes_the_place_of_the_one_before_which_stays_beside_it(tmp_path: Path) -> None:
    environ = {"HAILONG_INSTANCE": str(tmp_path), "SECRET_KEY": ""}
    done = [commands.hailong("secret", *option, **environ) for option in ([], ["--renew"])]
    assert [one.returncode for one in done] == [0, 0], done
    former = secret_files.former(tmp_path)
    assert len(former) == 1
    loaded = environment.load(environ).secret_key.split("\0")
    assert loaded == [(tmp_path / "secret_key").read_text(), *(path.read_text() for path in former)]
    assert all(path.stat().st_mode & 0o077 == 0 for path in former)
    refused = commands.hailong("secret", "--renew", HAILONG_INSTANCE=str(tmp_path), SECRET_KEY=BEFORE)
    assert refused.returncode == 1 and "SECRET_KEY_FALLBACKS" in refused.stdout + refused.stderr
    with pytest.raises(SettingsError):
        environment.load({"SECRET_KEY": AFTER, "SECRET_KEY_FALLBACKS": "short"})
    fallbacks = {"SECRET_KEY": AFTER, "SECRET_KEY_FALLBACKS": "x1y2z3w4" * 4, "HAILONG_INSTANCE": str(tmp_path / "n")}
    assert environment.load(fallbacks).secret_key == f"{AFTER}\0{'x1y2z3w4' * 4}"
