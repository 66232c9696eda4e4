"""An honest ledger, and a witness of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey.witness.signing import Witness
from tests.support.witnesses import SentLedger, witness_in


@pytest.fixture
def honest() -> SentLedger:
    return SentLedger([f"entry {number}" for number in range(40)])


@pytest.fixture
def witness(honest: SentLedger, tmp_path: Path) -> Witness:
    return witness_in(tmp_path / "witness", honest.signer)
