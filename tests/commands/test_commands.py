"""What commands say to the person who runs them: in their language, and one clear line when they cannot do it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from survey import i18n
from tests.support import commands, factories
from tests.support.files import HEADERS, ROW, as_csv

NOT_MIGRATED = {
    "vi": "Không thực hiện được: Cơ sở dữ liệu chưa được nâng cấp. Hãy chạy `hailong migrate` trước.",
    "en": "Refused: The database is not migrated. Run `hailong migrate` first.",
}
PROCEDURES = [("code", "name_vi", "field_vi", "delivery"), ("1.001193", "Đăng ký khai sinh", "Hộ tịch", "toan_trinh")]


def hailong(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return commands.hailong(*arguments, SECRET_KEY=factories.SECRET, **environ)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "command",
    [
        ["report", "--period", "2026-10", "--out", "/nowhere"],
        ["close", "--period", "2026-10"],
        ["invite", "--cases", "{cases}", "--links", "/nowhere"],
        ["staff", "sessions", "hanh"],
        ["poster", "--all", "--out", "/nowhere.pdf"],
        ["send"],
        ["remind"],
        ["export", "questionnaire", "short_online"],
    ],
    ids=lambda words: words[0],
)
def test_a_database_that_was_never_migrated_is_one_line_with_the_cure(
    command: list[str], language: str, tmp_path: Path
) -> None:
    url, cases = f"sqlite:///{tmp_path / 'new.db'}", as_csv(tmp_path / "cases.csv", [HEADERS, ROW])
    done = hailong(*(word.format(cases=cases) for word in command), DATABASE_URL=url, HAILONG_LANGUAGE=language)
    assert (done.returncode, done.stdout) == (1, "")
    # Whoever has no mail server is told that first.
    assert done.stderr.splitlines()[-1] == NOT_MIGRATED[language] and "Traceback" not in done.stderr


@pytest.mark.parametrize("url", ["sqlite:////nowhere/hailong.db", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_reached_is_one_line_too(url: str) -> None:
    done = hailong("close", "--period", "2026-10", DATABASE_URL=url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("Không thực hiện được: Không kết nối được cơ sở dữ liệu.")


def test_commands_speak_vietnamese_unless_they_are_asked_for_english(database_url: str, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "procedures.csv", PROCEDURES)
    said = [
        hailong("import", "procedures", path, "--dry-run", *arguments, DATABASE_URL=database_url, **environ).stdout
        for arguments, environ in (
            ([], {}),
            (["--lang", "en"], {}),
            ([], {"HAILONG_LANGUAGE": "en"}),
            (["--lang", "vi"], {"HAILONG_LANGUAGE": "en"}),
        )
    ]
    vietnamese = "Chạy thử, chưa thay đổi gì. Đã đọc 1 mục: thêm mới 0, giữ nguyên 0, cập nhật 1."
    english = "Dry run, nothing was changed: 1 read: 0 added, 0 unchanged, 1 updated."
    assert [lines.splitlines()[-1] for lines in said] == [vietnamese, english, english, vietnamese]


def test_a_refusal_speaks_the_language_that_was_asked(database_url: str, tmp_path: Path) -> None:
    path = as_csv(tmp_path / "procedures.csv", [PROCEDURES[0], ("1.00119", "x", "y", "toan_trinh")])
    for language, begin in (("vi", "Không thực hiện được: "), ("en", "Refused: ")):
        done = hailong("import", "procedures", path, "--lang", language, DATABASE_URL=database_url)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(begin)


def test_a_wrong_setting_is_named_in_the_operator_s_language() -> None:
    done = hailong("invite", HAILONG_ANSWER_DAYS="bảy")
    words = "Không thực hiện được: HAILONG_ANSWER_DAYS đang là “bảy”; giá trị phải là số nguyên từ 1 đến 365.\n"
    assert (done.returncode, done.stderr) == (1, words)


def test_a_catalogue_that_is_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "vi" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    for number, said in enumerate(("Một", "Hai")):
        path.write_text(f'msgid ""\nmsgstr ""\n\nmsgid "One"\nmsgstr "{said}"\n', encoding="utf-8")
        os.utime(path, ns=(number, number))  # however quickly one follows the other
        assert i18n.catalogue(tmp_path, "vi").gettext("One") == said
