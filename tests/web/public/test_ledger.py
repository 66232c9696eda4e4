"""The page on how to check the figures: before anything is sealed, once it is, and with a witness."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from survey.operations import cosigning
from tests.operations.test_cosigning import own, witnessed
from tests.support.ledgers import NOON, Ledger, ledger, sealed
from tests.support.pages import check_page

__all__ = ["ledger", "sealed"]  # the fixtures
pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about the page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_gives_key_command_and_checkpoint_as_they_are(
    client: FlaskClient, sealed: Ledger, tmp_path: Path, language: str
) -> None:
    unwitnessed = check_page(client.get(f"/ledger?lang={language}"), language)
    assert "--witness" not in unwitnessed.words
    with witnessed(sealed, own(sealed, tmp_path / "w")):
        cosigning.ask_all(sealed.store, lambda: NOON)
    page = client.get(f"/ledger/?lang={language}")
    words = check_page(page, language).words
    key, cosigner = (client.get(f"/ledger/{name}").text.strip() for name in ("key", "witnesses"))
    assert f'--key "{key}" --witness "{cosigner}"' in words
    assert all(line in words for line in client.get("/ledger/checkpoint").text.split("\n"))
    assert "Set-Cookie" not in page.headers


def test_before_anything_is_sealed_it_says_so_and_how_to_be_a_witness(client: FlaskClient, ledger: Ledger) -> None:
    page = check_page(client.get("/ledger"), "vi")
    assert "witness.pyz new TÊN" in page.words
    program = client.get("/ledger/witness.pyz")
    assert "witness/command.py" in zipfile.ZipFile(io.BytesIO(program.data)).namelist()
