"""What every reply says to a browser, which methods are taken, and what the folder of static files may hold."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey.settings import STATIC
from tests.support.maps import applications

KINDS = {".css", ".js"}  # what browsers are told by these names is what the files are


@pytest.mark.parametrize("path", ["/staff/sign-in", "/", "/q/NOCODE", "/api/v1/nothing", "/static/tokens.css"])
def test_no_other_site_may_load_what_we_send(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PROPFIND", "ANYTHING"])
def test_a_method_that_is_not_meant_is_refused_at_every_address(client: FlaskClient, app: Flask, method: str) -> None:
    rules = [rule.rule for each in applications(app) for rule in each.url_map.iter_rules()]
    paths = {rule for rule in rules if "<" not in rule} | {"/q/NOCODE", "/r/short", "/static/tokens.css"}
    refused = {path: client.open(path, method=method).status_code for path in paths}
    assert len(refused) > 60
    assert {path: status for path, status in refused.items() if status != 405} == {}


def test_the_folder_of_static_files_holds_scripts_and_styles_only() -> None:
    assert {path.suffix for path in STATIC.rglob("*") if path.is_file()} == KINDS
