"""Whatever a command changes or hands out is on record: by a rule over all commands, not command by command."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from survey.cli import cli
from survey.commands.on_record import QUIET, leaves
from survey.models import AuditEntry
from tests.support.officials import found, official

EXECUTED = sa.select(AuditEntry).where(AuditEntry.act == "command.executed").order_by(AuditEntry.id)
pytestmark = [
    pytest.mark.usefixtures("vietnamese"),
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),  # the record is the same on both
]


def test_every_command_is_on_record_or_says_why_not(engine_name: str) -> None:
    every = dict(leaves(cli))
    assert set(QUIET) <= set(every), "each exception is a command that there is"
    assert all(QUIET.values())
    for path, command in every.items():
        assert (getattr(command.callback, "on_record", "") == path) is (path not in QUIET), path


def test_a_command_leaves_an_entry_once_it_is_done(app: Flask, session: Session) -> None:
    official(session)
    run = app.test_cli_runner().invoke
    done = (
        ("staff", "disable", "hanh"),
        ("staff", "resume", "hanh"),
        ("staff", "change", "hanh", "--role", "manager"),
        ("staff", "sessions", "hanh"),
        ("key", "add", "k", "--scope", "counts:read"),
        ("import", "agencies", "--profile", "vinh_long_2025"),
        ("retention",),
    )
    for words in done:
        outcome = run(args=["hailong", *words])
        assert outcome.exit_code == 0, (words, outcome.output)
    refused = (("staff", "disable", "nobody"), ("key", "revoke", "nobody"))
    quiet = (
        ("key", "list"),
        ("retention", "--dry-run"),
        ("import", "agencies", "--profile", "vinh_long_2025", "--dry-run"),
    )
    for words in (*refused, *quiet):
        run(args=["hailong", *words])
    entries = found(session, EXECUTED)
    assert [entry.about["command"] for entry in entries] == [
        "staff disable",
        "staff resume",
        "staff change",
        "staff sessions",
        "key add",
        "import agencies",
        "retention",
    ]
    assert {entry.staff_id for entry in entries} == {None}
    assert all(set(entry.about) == {"command", "user"} for entry in entries), "no argument: it may name a person"
