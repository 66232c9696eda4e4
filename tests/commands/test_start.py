"""`hailong start` makes what is lacking; its link is printed as long as nobody has an account."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.commands import hailong


def test_a_link_is_printed_until_there_is_an_account(tmp_path: Path) -> None:
    place = {"HAILONG_INSTANCE": str(tmp_path / "instance"), "PUBLIC_URL": "https://khaosat.example.vn"}
    first = hailong("start", "--link", **place)
    assert first.returncode == 0, first.stderr
    links = re.findall(r"https://khaosat\.example\.vn/staff/first/[0-9a-f]+\.[\w-]{20}", first.stdout)
    assert len(links) == 1 and "một lần" in first.stdout
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o077 == 0
    assert hailong("import", "agencies", "--profile", "vinh_long_2025", **place).returncode == 0
    assert hailong("staff", "add", "hanh", "--role", "administrator", **place).returncode == 0
    after = hailong("start", "--link", **place)
    assert after.returncode == 0 and "/staff/first/" not in after.stdout
