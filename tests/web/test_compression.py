"""Officials' pages are packed where the application stands alone, but never for what another site made them ask."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.officials import official, sign_in

GZIP = {"Accept-Encoding": "gzip"}
HERE = GZIP | {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def engine_name() -> str:
    """No page asks the database how it is packed."""
    return "sqlite"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/staff/account", GZIP),
        ("/staff/account?lang=vi", HERE),
        ("/staff/account?lang=vi", GZIP | {"Sec-Fetch-Site": "none"}),
        ("/static/staff/staff.css", GZIP),
        ("/staff/nothing-here", HERE),
    ],
)
def test_what_was_asked_for_here_is_packed(
    session: Session, client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    official(session)
    sign_in(client)
    plain, packed = client.get(path, headers={"Accept-Encoding": "identity"}), client.get(path, headers=headers)
    assert (packed.headers["Content-Encoding"], "Accept-Encoding" in packed.headers["Vary"]) == ("gzip", True)
    assert len(packed.data) < 0.7 * len(plain.data)
    assert len(gzip.decompress(packed.data)) == len(plain.data)
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/staff/account?lang=vi", GZIP),
        ("/staff/account", GZIP | {"Sec-Fetch-Site": "cross-site"}),
        ("/staff/account", GZIP | {"Sec-Fetch-Site": "same-site"}),
    ],
)
def test_the_length_of_what_another_site_may_have_asked_for_tells_nothing(
    session: Session, client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    official(session)
    sign_in(client)
    assert "Content-Encoding" not in client.get(path, headers=headers).headers
