"""`hailong nation` runs in an empty folder, without a database or a secret key, and says in one line what is wrong."""

from __future__ import annotations

from pathlib import Path

from tests.support import commands
from tests.support.lakes import month_file


def test_a_ministry_needs_no_installation(tmp_path: Path) -> None:
    for code, satisfied in (("H01", 300), ("H61", 200)):
        file = month_file(tmp_path / "lake", code, "2026-09", (0, 0, 20, satisfied, 0), 900)
    asked = ("nation", "lake/**/calendar.parquet", "--period", "2026-09", "--out", "out", "--lang", "en")
    done = commands.hailong(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [Path(line).suffix for line in done.stdout.split()] == [".docx", ".pdf", ".xlsx", ".csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "out"], "nothing else is made"
    file.write_bytes(file.read_bytes()[:-9])
    refused = commands.hailong(*asked, cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1 and "province=H61/month=2026-09/calendar.parquet" in refused.stderr
    wrong = commands.hailong(*asked, "--target", "90", cwd=tmp_path)
    assert wrong.returncode == 2
