"""What `hailong doctor` says of single sign-on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from survey.models import Role
from survey.operations import sign_on_findings
from survey.settings import Settings
from tests.support.factories import SECRET
from tests.support.officials import official
from tests.support.provider import FILE, configured, provider_running


@pytest.mark.usefixtures("vietnamese")
def test_the_doctor_asks_each_provider_and_looks_at_its_files(tmp_path: Path) -> None:
    plain = Settings("sqlite://", SECRET, instance=tmp_path)
    assert list(sign_on_findings.examine(plain)) == []
    with provider_running() as fake:
        settings = configured(plain, fake.issuer)

        def states() -> list[tuple[str, str]]:
            return [(one.state, one.observation) for one in sign_on_findings.examine(settings)]

        assert states() == [("ok", "%(provider)s answers")]
        fake.description = {"issuer": "https://other.example"}
        assert states() == [("warning", "%(provider)s does not describe itself as this file does")]
        fake.status = 503
        assert states() == [("warning", "%(provider)s does not answer")], "and nobody is kept from starting by that"
    (tmp_path / "tinh_secret").chmod(0o640)
    assert states()[0] == ("fault", "others on this machine can read %(file)s")
    (tmp_path / "providers.toml").write_text("[[")
    assert [one.state for one in sign_on_findings.examine(settings)] == ["fault"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # what it asks is tried on both elsewhere
def test_the_doctor_misses_a_unit_and_a_way_in_without_the_provider(
    settings: Settings, session: Session, tmp_path: Path
) -> None:
    assert list(sign_on_findings.accounts(session, settings)) == []
    there = configured(settings, "https://sso.example.vn")
    lonely = list(sign_on_findings.accounts(session, there))
    assert [one.observation for one in lonely] == ["no administrator gets in while the providers are away"]
    official(session, "khan", role=Role.ADMINISTRATOR)
    assert list(sign_on_findings.accounts(session, there)) == []
    wrong = FILE.format(issuer="https://sso.example.vn").replace('agency = "H61"', 'agency = "H99"')
    (settings.instance / "providers.toml").write_text(wrong, encoding="utf-8")
    (lost,) = sign_on_findings.accounts(session, replace(there))
    assert lost.values == {"agency": "H99"}
