"""A stranger believes nothing: reads the results, downloads data, seal, key and program, and checks them at home."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from survey.ledger import sealing, signing_key
from survey.web.survey import survey_of
from tests.support.published import PUBLISHED, publish_october

FIVE_MINUTES = 300


def at_home(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder that holds nothing but what was downloaded, with nothing of this machine's settings."""
    path = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=path, capture_output=True, text=True, check=False)


def test_a_stranger_checks_published_results_in_five_minutes(
    app: Flask, site: str, session: Session, phone: Callable[..., Page], tmp_path: Path
) -> None:
    publish_october(session)
    survey, home = survey_of(app), tmp_path / "home"
    signing_key.make(signing_key.file_of(survey.settings), "example.vn/ledger")
    sealing.seal(survey.database, signing_key.file_of(survey.settings), PUBLISHED)
    home.mkdir()
    began = time.monotonic()
    page = phone(scripts=False)
    page.goto(site)
    page.get_by_role("link", name="mức độ hài lòng theo tháng và đơn vị").click()
    assert "chưa đạt chỉ tiêu 90%" in page.inner_text("h1") and "106 trong 161 phiếu" in page.inner_text("main")
    check = page.locator("section:has(#check)")
    seal, (command,) = page.locator(".seal pre").inner_text(), check.locator(".steps pre").all_inner_texts()
    (home / "seal.txt").write_text(f"{seal}\n", encoding="utf-8")
    wanted = [*check.get_by_role("link", name=re.compile(r"verify_ledger\.py|khóa")).all()]
    wanted += page.locator("ul.files a").all()
    for link in wanted:
        address = str(link.get_attribute("href"))
        reply = page.request.get(f"{site}{address}")
        assert reply.ok, address
        (home / address.rpartition("/")[2]).write_bytes(reply.body())
    assert {"verify_ledger.py", "key", "results.json", "results.csv", "SHA256SUMS"} <= {
        one.name for one in home.iterdir()
    }
    sums = at_home(home, "sha256sum", "--strict", "--check", "SHA256SUMS")
    assert sums.returncode == 0, sums.stdout + sums.stderr
    # The command as it is printed, on a Python that has no package: only the address is that of this test.
    program, *rest = shlex.split(re.sub(r"https?://\S+(?=/ledger)", site, command.replace("KHÓA", "{key}")))
    assert program == "python3"
    key = (home / "key").read_text(encoding="utf-8").strip()
    bare = [sys.executable, "-I", "-S", *(key if one == "{key}" else one for one in rest), "--since", "seal.txt"]
    done = at_home(home, *bare)
    assert done.returncode == 0, done.stderr
    assert "The file stands in the ledger" in done.stdout and "as signed by example.vn/ledger" in done.stdout
    assert time.monotonic() - began < FIVE_MINUTES
    (home / "results.json").write_bytes(
        (home / "results.json").read_bytes().replace(b'"answered": 161', b'"answered": 162')
    )
    spoilt = at_home(home, *bare)
    assert spoilt.returncode == 1 and "no entry names the file" in spoilt.stderr
