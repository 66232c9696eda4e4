"""Help and wrong usage on the command line, in the language of the command."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from survey.cli import cli
from survey.commands import usage
from survey.i18n import extraction
from tests.support.commands import hailong

WRONG = [
    (["close"], "Thiếu tùy chọn '--period'.", "Missing option '--period'."),
    (["clsoe"], "Không có lệnh 'clsoe'. Có phải ý bạn là 'close'?", "No such command 'clsoe'. Did you mean 'close'?"),
    (["close", "--perod"], "Không có tùy chọn '--perod'.", "No such option '--perod'."),
    (["close", "--period"], "Tùy chọn '--period' cần 1 giá trị.", "Option '--period' requires an argument."),
    (["import", "cases", "no.csv"], "Tệp 'no.csv' không tồn tại.", "File 'no.csv' does not exist."),
    (["secret", "now"], "Thừa tham số (now)", "Got unexpected extra argument (now)"),
]


def shown(folder: Path, *arguments: str) -> dict[str, subprocess.CompletedProcess[str]]:
    return {
        language: hailong(*arguments, cwd=folder, HAILONG_LANGUAGE=language, HAILONG_INSTANCE=str(folder))
        for language in ("vi", "en")
    }


APART = "witness"  # runs without our catalogues, so it says all in both languages at once


def named(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """Return how each command below this one is asked for, and this one."""
    yield names
    for name, below in (command.commands if isinstance(command, click.Group) else {}).items():
        if name != APART:
            yield from named(below, *names, name)


def flat(text: str) -> str:
    return " ".join(text.split())


def test_every_help_text_is_in_the_catalogues() -> None:
    known = {message.id for message in extraction.extracted()}
    for command in usage.every(cli):
        options = [option.help for option in command.params if isinstance(option, click.Option)]
        for text in filter(None, [command.help, *options]):
            assert extraction.help_text(text) in known, command.name


def test_help_is_whole_in_each_language() -> None:
    said = {}
    for language in ("vi", "en"):
        done = [hailong(*names, "--help", HAILONG_LANGUAGE=language) for names in named(cli)]
        assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * len(done)
        said[language] = flat(" ".join(one.stdout for one in done))
    vietnamese, english = said["vi"], said["en"]
    assert vietnamese.count("Cách dùng: ") == english.count("Usage: ") == len(list(named(cli)))
    assert "Hiện phần hướng dẫn này rồi thoát." in vietnamese and "[bắt buộc]" in vietnamese
    for word in ("Usage", "Options", "Commands", "Show this", "required", "default:", "OPTIONS", "COMMAND"):
        assert word not in vietnamese, word
    for command in usage.every(cli):
        for option in command.params:
            if (
                isinstance(option, click.Option)
                and not option.hidden
                and option.help
                and re.search("[a-z]{3} [a-z]{3}", option.help)
            ):
                assert flat(option.help) in english and flat(option.help) not in vietnamese


@pytest.mark.parametrize(("arguments", "vietnamese", "english"), WRONG)
def test_wrong_usage_says_what_is_wrong_and_where_help_is(
    tmp_path: Path, arguments: list[str], vietnamese: str, english: str
) -> None:
    said = shown(tmp_path, *arguments)
    assert [(one.returncode, one.stdout) for one in said.values()] == [(2, "")] * 2
    ours, theirs = flat(said["vi"].stderr), flat(said["en"].stderr)
    assert "Lỗi: " in ours and vietnamese in ours
    assert "Error: " in theirs and english in theirs
    assert ("Cách dùng: hailong" in ours) == ("Usage: hailong" in theirs)
    assert ("để xem hướng dẫn." in ours) == ("for help." in theirs)
    assert not re.search("Error|Usage|option|argument|file", ours.replace("--", ""))
    assert list(tmp_path.iterdir()) == []
