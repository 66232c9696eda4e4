"""Every command that changes or hands out something leaves an entry of its own: which, and by whose hand on the server.

What it did in particular may be on record beside it; here nobody can forget it: a command is on record unless it stands
below, each with the reason.
"""

from __future__ import annotations

import functools
import getpass
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from flask.cli import ScriptInfo

from survey.audit import trail
from survey.audit.acts import Act
from survey.periods import now
from survey.web.survey import survey_of

_LOOKS = "only looks"
_RUNS = "runs for long; what is done in it is on record by itself"
QUIET: Mapping[str, str] = {
    "demo-data": "makes the demonstration and nothing of a real installation",
    "doctor": _LOOKS,
    "export questionnaire": "writes what citizens' pages show anyway",
    "job": "does what an official has asked for, on record",
    "key list": _LOOKS,
    "nation": "knows no database of ours; what it reads everybody may know",
    "migrate": "the database says itself at which schema it stands",
    "proxy-pages": "writes pages that everybody may see",
    "secret": "makes the key before there is a database",
    "serve": _RUNS,
    "start": _RUNS,
    "translations": "changes files of the source",
    "webhook list": _LOOKS,
    "witness": "knows no database of ours; it keeps its own record",
    "witnesses list": _LOOKS,
    "work": _RUNS,
}


def leaves(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command below a group by its words, such as "staff add"."""
    for name, command in group.commands.items():
        path = f"{before} {name}".strip()
        if isinstance(command, click.Group):
            yield from leaves(command, path)
        else:
            yield path, command


def put_on_record(group: click.Group) -> None:
    """Let every command below a group that is not quiet leave an entry once it is done, unless it returns False."""
    for path, command in leaves(group):
        if path not in QUIET and command.callback is not None:
            command.callback = _recorded(path, command.callback)


def _recorded(path: str, callback: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(callback)
    def done(*arguments: Any, **options: Any) -> Any:
        result = callback(*arguments, **options)
        # A bundle for auditors is checked where there is no database.
        if result is not False and not options.get("dry_run") and not options.get("audit"):
            _append(path)
        return result

    done.on_record = path  # type: ignore[attr-defined]  # a function takes any, its type names none
    return done


def _append(path: str) -> None:
    app = click.get_current_context().ensure_object(ScriptInfo).load_app()
    with survey_of(app).database.session(writes=True) as session:
        trail.append(session, None, Act.COMMAND_EXECUTED, now(), command=path, user=_user())
        session.commit()


def _user() -> str:
    """Return the name of whoever runs the command on the server; empty where the machine knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
