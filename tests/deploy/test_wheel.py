"""A wheel holds all that running needs: installed elsewhere, in an empty folder, it sets up and serves."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from survey.settings import ROOT
from tests.support.commands import environment
from tests.support.serving import fetch, free_port

SOURCE = ("survey", "analysis", "migrations", "translations")
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source, built in a copy: building leaves files beside it."""
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    command = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder / "dist", folder]
    subprocess.run(command, check=True, env=environment(PYTHONWARNINGS="ignore"))
    return next((folder / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`hailong` as pip installs it into an environment that sees our libraries and nothing of the source."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    own = next(home.glob("lib/python*/site-packages"))
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [*PIP, "--python", home / "bin" / "python", "install", "--no-deps", "--no-index", wheel]
    subprocess.run(command, check=True, env=environment())
    return home / "bin" / "hailong"


def outside(program: Path, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program in a folder, with nothing of the source on its path."""
    clean = {name: value for name, value in environment(**more).items() if name != "PYTHONPATH"}
    return subprocess.run([program, *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False)


@contextmanager
def started(program: Path, folder: Path, port: int, *arguments: str) -> Iterator[Path]:
    """Run the installed server until it answers; yield what it prints."""
    log = folder / "printed"
    clean = {name: value for name, value in environment(PORT=str(port)).items() if name != "PYTHONPATH"}
    with (
        log.open("wb") as file,
        subprocess.Popen([program, *arguments], cwd=folder, env=clean, stdout=file, stderr=subprocess.STDOUT) as server,
    ):
        until = time.monotonic() + 300
        try:
            while fetch(port, "/healthz")[0] != 200:
                assert server.poll() is None and time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield log
        finally:
            server.terminate()


def test_the_wheel_holds_every_file_that_the_source_has_and_nothing_of_the_tests(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        path.relative_to(ROOT).as_posix()
        for name in SOURCE
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in held if ".dist-info/" not in name} == ours
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_in_an_empty_folder_it_makes_what_it_needs_and_leads_on(program: Path, tmp_path: Path) -> None:
    port = free_port()
    with started(program, tmp_path, port, "start", "--no-work") as log:
        link = re.search(rf"http://127\.0\.0\.1:{port}(/staff/first/\S+)", log.read_text())
        assert link, log.read_text()
        status, page = fetch(port, link.group(1))
        assert status == 200 and "Khảo sát của tỉnh nào?" in page, "template and catalogue"
        style = re.search(r'href="(/static/[^"]+)"', page)
        assert style and fetch(port, style.group(1))[0] == 200
    assert {path.name for path in tmp_path.iterdir()} == {"instance", "printed"}
    assert {"hailong.db", "secret_key"} <= {path.name for path in (tmp_path / "instance").iterdir()}
    done = outside(program, tmp_path, "import", "agencies", "--profile", "vinh_long_2025", "--lang", "en")
    assert done.returncode == 0 and "added" in done.stdout, done.stderr
    assert outside(program, tmp_path, "--version").stdout.startswith("hailong ")


def test_the_demonstration_runs_from_an_empty_folder(program: Path, tmp_path: Path, campaign: bool) -> None:
    """The whole of it in `make campaign`; else that it finds what it is made of."""
    if campaign:
        port = free_port()
        with started(program, tmp_path, port, "serve", "--demo"):
            assert fetch(port, "/readyz")[0] == 200
        assert (tmp_path / "instance" / "demo.json").is_file() and list(tmp_path.glob("instance/reports/**/*.docx"))
        return
    script = "from survey.demo import actions, cases, comments, follow_ups as f; from survey.settings import ROOT; "
    script += "print(all(p.is_file() for p in (actions.ACTIONS, cases.VOLUMES, comments.FRAGMENTS, f.ANSWERS)), ROOT)"
    clean = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    python = program.with_name("python")
    said = subprocess.run([python, "-c", script], cwd=tmp_path, env=clean, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["True", str(next(program.parent.parent.glob("lib/python*/site-packages")))]
