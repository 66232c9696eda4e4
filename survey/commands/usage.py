"""Let click speak the language of the command: its own words, and the help of our commands."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from survey.i18n import gettext, msgid, ngettext
from survey.i18n.extraction import help_text

OPTIONS, ARGUMENTS = msgid("[OPTIONS]"), msgid("COMMAND [ARGS]...")


def speak(top: click.Group) -> None:
    """Put click's words, and every help text of these commands, into the language of the command."""
    # It takes gettext by name when it is imported and asks for compiled catalogues in a folder, which we have not.
    for module in (core, decorators, exceptions, formatting, parser, termui, types):
        for name, ours in (("_", gettext), ("ngettext", ngettext)):
            if hasattr(module, name):
                setattr(module, name, ours)
    for command in every(top):
        command.help = gettext(help_text(command.help)) if command.help else None
        command.options_metavar = gettext(OPTIONS)
        if isinstance(command, click.Group):
            command.subcommand_metavar = gettext(ARGUMENTS)
        for given in command.params:
            if isinstance(given.type, click.Path):
                given.type.name = gettext(given.type.name)  # "file", written when the option was declared
            if isinstance(given, click.Option) and given.help:
                given.help = gettext(help_text(given.help))


def every(command: click.Command) -> Iterator[click.Command]:
    """Yield a command and all commands below it."""
    yield command
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from every(below)
