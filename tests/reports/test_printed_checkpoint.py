"""The checkpoint of the ledger stands on the report of a closed period, as text and as a QR code, the same for good."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from survey import reports
from survey.i18n import speaking
from survey.ledger import numbering, sealing
from survey.ledger.notes import Signer, opened
from survey.periods import parse
from survey.reports import frozen_beside
from tests.reports.test_printed_code import CLOSED, URL, october
from tests.support import factories
from tests.support.decoding import rasters, texts, zxing
from tests.support.figures import STANDARD
from tests.support.reporting import answers, spoken

MINUTE = dt.timedelta(minutes=1)
SIGNER = Signer("hailong.example.vn/ledger", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def seal(session: Session, when: dt.datetime) -> str:
    numbering.number_all(session)
    note = sealing.sign(session, SIGNER, None, when)
    assert note is not None
    return note


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # about what is printed
def test_the_checkpoint_of_the_closing_is_printed_and_stays_what_it_was(session: Session, tmp_path: Path) -> None:
    answers(session)
    note = seal(session, CLOSED - MINUTE)
    with speaking("vi"):
        frozen_beside.close(session, parse("2026-10"), CLOSED, STANDARD)
        document, pdf = reports.write(october(session), tmp_path / "closed", ["docx", "pdf"])
        factories.response(session, 5, when=CLOSED)
        assert seal(session, CLOSED + MINUTE) != note
        again = reports.write(october(session), tmp_path / "again", ["docx", "pdf"])
    assert [path.read_bytes() for path in again] == [document.read_bytes(), pdf.read_bytes()]
    printed = note.split("\n")[:3]
    for words in ("".join(texts(pdf.read_bytes())), spoken(document)):
        assert all(line in words for line in printed) and f"{URL}/ledger" in words
    scanned = {text for page in zxing(rasters(pdf.read_bytes(), 200)) for text in page}
    assert note in scanned and opened(note, [SIGNER.verifier]), "a phone reads it whole, signature and all"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_a_sealed_ledger_nothing_is_said_of_one(session: Session, tmp_path: Path) -> None:
    answers(session)
    with speaking("vi"):
        frozen_beside.close(session, parse("2026-10"), CLOSED, STANDARD)
        [document] = reports.write(october(session), tmp_path, ["docx"])
    assert f"{URL}/ledger" not in spoken(document)
