"""`hailong witness`: the witness of other ledgers; it needs neither a database nor settings of this installation."""

from __future__ import annotations

import click

from survey.witness.command import main


@click.command(
    add_help_option=False, context_settings={"ignore_unknown_options": True}, short_help="Witness other ledgers."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def witness(arguments: tuple[str, ...]) -> None:
    """Witness other ledgers: sign what they publish as long as they only grow (`hailong witness --help`)."""
    main(arguments)
