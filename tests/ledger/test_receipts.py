"""A receipt's page says where its answer is sealed, and never anything that another answer's page would not say."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.callbacks import drawing, finishing
from survey.ledger import signing_key
from survey.models import Response
from survey.operations import cosigning, witnesses
from survey.security.tokens import receipt_code
from tests.support import factories
from tests.support.callbacks import AFTER, call_everybody, planner, sealed_design
from tests.support.ledgers import NOON, Ledger
from tests.support.pages import check_page
from tests.support.witnesses import served, witness_in


def codes(ledger: Ledger, number: int) -> list[str]:
    """Give opposite answers, and return their codes."""
    with ledger.writing() as session:
        comments = [{}, {"S8": "Quá tệ"}]
        for place in range(number):
            factories.response(session, 1 + 4 * (place % 2), when=NOON, comments=comments[place % 2])
        rows = session.scalars(sa.select(Response.receipt).order_by(Response.id))
        return [receipt_code(receipt) for receipt in rows]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_opposite_answers_have_the_same_pages_sealed_or_not(
    client: FlaskClient, ledger: Ledger, language: str, campaign: bool
) -> None:
    every = codes(ledger, 500 if campaign else 6)
    for _sealed in (False, True):
        pages = {client.get(f"/receipt/{code}?lang={language}").data.replace(code.encode(), b"") for code in every}
        assert len(pages) == 1
        ledger.seal()


def test_the_page_says_the_checkpoint_and_offers_the_proof(client: FlaskClient, ledger: Ledger) -> None:
    [code] = codes(ledger, 1)
    waiting = check_page(client.get(f"/receipt/{code}"), "vi")
    assert "Trong ít phút nữa" in waiting.words
    missing = client.get(f"/receipt/{code}/proof")
    assert missing.status_code == 404 and "Chưa có bằng chứng" in missing.text
    done = ledger.seal()
    assert done is not None
    sealed = check_page(client.get(f"/receipt/{code}"), "vi")
    assert f"{done.size} mục" in sealed.words and "05/10/2026" in sealed.words
    proof = client.get(f"/receipt/{code}/proof").text.split("\n")
    assert proof[0] == "c2sp.org/tlog-proof@v1" and proof[1].startswith("extra ") and proof[2].startswith("index ")
    assert client.get("/receipt/AAAA/proof").status_code == 404


def test_witnesses_and_call_backs_tell_nothing_either(client: FlaskClient, ledger: Ledger, tmp_path: Path) -> None:
    """Two of the twenty are not satisfied, ten are drawn, and four say that it was not their own answer."""

    def alike() -> None:
        with ledger.store.session(writes=False) as session:
            receipts = [receipt_code(receipt) for receipt in session.scalars(sa.select(Response.receipt))]
        assert len(receipts) == 20
        pages = {client.get(f"/receipt/{code}").data.replace(code.encode(), b"") for code in receipts}
        assert len(pages) == 1
        replies = [client.get(f"/receipt/{code}/proof") for code in receipts]
        assert len({reply.status_code for reply in replies}) == 1
        if replies[0].status_code == 200:
            extras = [reply.text.split("\n")[1].removeprefix("extra ") for reply in replies]
            entries = [json.loads(base64.b64decode(extra)) for extra in extras]
            assert len({json.dumps({**entry, "commitment": len(entry["commitment"])}) for entry in entries}) == 1

    number = sealed_design(ledger)
    alike()
    witness = witness_in(tmp_path / "witness", signing_key.load(ledger.key))
    with served(witness) as address:
        with ledger.writing() as session:
            witnesses.add(session, address, str(witness.public), AFTER)
        ledger.seal(AFTER)
        assert cosigning.ask_all(ledger.store, lambda: AFTER) == 1
    alike()
    with ledger.writing() as session:
        assert drawing.draw_due(session, AFTER) == 1
        call_everybody(session, planner(session), AFTER, satisfied=6, others=4)
    alike()
    with ledger.writing() as session:
        finishing.finish(session, number, planner(session), AFTER)
    ledger.seal(AFTER)
    alike()
