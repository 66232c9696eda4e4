"""The file of providers: what it may say, and that one line names the place of a fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from survey.models import Role
from survey.setting import SettingsError
from survey.settings import Settings
from survey.single_sign_on import claims, providers
from tests.support.factories import SECRET as SECRET_KEY
from tests.support.provider import FILE, SECRET, written

WHOLE = FILE.format(issuer="https://sso.example.vn")


def settings(folder: Path, content: str = WHOLE) -> Settings:
    written(folder, content)
    return Settings("sqlite://", SECRET_KEY, instance=folder, single_sign_on="providers.toml")


def test_the_file_says_which_providers_there_are_and_who_gets_which_rights(tmp_path: Path) -> None:
    (provider,) = providers.read(settings(tmp_path))
    assert (provider.code, provider.name["vi"], provider.client_secret) == ("tinh", "Cổng đăng nhập tỉnh", SECRET)
    assert SECRET not in repr(provider)
    told = (["quan-ly", "quan-tri"], "quan-ly", [], ["cựu-quan-tri", "quan", "-tri"])
    rows = [claims.row_of(provider, {"groups": groups}) for groups in told]
    assert [row and row.role for row in rows] == [Role.ADMINISTRATOR, Role.MANAGER, None, None], "the first that holds"
    assert claims.shows_second_factor(provider, {"amr": ["pwd", "hwk"]})
    assert not claims.shows_second_factor(provider, {"amr": ["pwd"], "acr": "thấp"})
    assert claims.claims_needed(provider) == {"name", "preferred_username", "groups", "realm_access.roles", "unit"}
    assert providers.secret_files(settings(tmp_path)) == [tmp_path / "providers.toml", tmp_path / "tinh_secret"]
    assert providers.read(replace(settings(tmp_path), single_sign_on="")) == ()


FAULTS = {
    "provider.1.issuer": ('issuer = "https://sso.example.vn"', 'issuer = "http://sso.example.vn"'),
    "provider.1.hours": ('code = "tinh"', 'code = "tinh"\nhours = 25'),
    "provider.1.client_id": ('client_id = "hai-long"', ""),
    "provider.1.issuer, with a query": ('issuer = "https://sso.example.vn"', 'issuer = "https://sso.example.vn?a=b"'),
    "provider.1.rights.2, an auditor by a claim": (
        'role = "manager"\nagency = "H61"',
        'role = "auditor"\nagency_claim = "unit"',
    ),
    "provider.1.client_secret": ('client_secret_file = "tinh_secret"', ""),
    "provider.1.name.en": ('en = "Provincial sign-on"', "en = 3"),
    "provider.1.code": ('code = "tinh"', 'code = "Tỉnh"'),
    "provider.1.scope": ('code = "tinh"', 'code = "tinh"\nscope = "openid"'),
    "provider.1.rights.2.role": ('role = "manager"', 'role = "boss"'),
    "provider.1.rights.1": ('role = "administrator"\nagency = "H61"', 'role = "administrator"\nagency_claim = "unit"'),
    "provider.1.rights.3": ('agency_claim = "unit"', ""),
    "3:8": (
        "[[provider]]\n",
        "[[provider]]\n[[",
    ),
    "provider.code": ('agency_claim = "unit"', 'agency_claim = "unit"\n' + WHOLE.replace("sso.", "sso2.")),
    "provider.issuer": ('agency_claim = "unit"', 'agency_claim = "unit"\n' + WHOLE.replace('"tinh"', '"tinh2"')),
}


@pytest.mark.parametrize(
    "address",
    ["http://sso.example.vn", "https://", "https://tinh@evil.example", "https://sso.example.vn/#a", "ftp://127.0.0.1"],
)
def test_an_address_that_others_could_listen_to_or_that_hides_its_host_is_none(address: str) -> None:
    with pytest.raises(ValueError):
        providers.encrypted(address)
    for right in ("https://sso.example.vn/realms/a?b=c", "http://127.0.0.1:8080", "http://[::1]"):
        assert providers.encrypted(right) == right


@pytest.mark.parametrize("place", FAULTS)
def test_a_fault_is_one_line_that_names_its_place_and_repeats_nothing(tmp_path: Path, place: str) -> None:
    right, wrong = FAULTS[place]
    assert right in WHOLE
    with pytest.raises(SettingsError) as error:
        providers.read(settings(tmp_path, WHOLE.replace(right, wrong, 1)))
    said = str(error.value)
    assert f"“{place.partition(',')[0]}”" in said and "HAILONG_SINGLE_SIGN_ON" in said and "\n" not in said
    assert SECRET not in said and "boss" not in said


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for missing in ("tinh_secret", "providers.toml"):
        here = settings(tmp_path)
        (tmp_path / missing).unlink()
        with pytest.raises(SettingsError, match=missing):
            providers.read(here)
