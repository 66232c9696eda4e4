"""A receipt's page says where its answer is sealed, and never anything that another answer's page would not say."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from survey.models import Response
from survey.security.tokens import receipt_code
from tests.support import factories
from tests.support.ledgers import NOON, Ledger
from tests.support.pages import check_page


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
