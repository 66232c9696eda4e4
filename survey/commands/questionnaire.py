"""`hailong import questionnaire` and `hailong export questionnaire`: questionnaires as YAML, in and out."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from survey import questionnaires
from survey.commands.imports import DRY_RUN, FILE, imports
from survey.commands.language import LANGUAGE, speak
from survey.errors import ImportRefused
from survey.i18n import error_text, gettext
from survey.periods import now
from survey.questionnaires import DocumentFault, Source, check, drafts, faults, parts, read, refused, written
from survey.questionnaires.document import SHARED
from survey.web.survey import this_survey

exports = AppGroup("export", help="Export questionnaires as YAML, figures as Parquet, or all that auditors need.")


@imports.command("questionnaire")
@click.argument("file", type=FILE)
@click.option("--publish", is_flag=True, help="Publish at once; without it, each questionnaire becomes a draft.")
@DRY_RUN
@LANGUAGE
@with_appcontext
def import_questionnaire(file: Path, publish: bool, dry_run: bool, lang: str) -> None:
    """Import the questionnaires of a YAML file, all of them or none."""
    speak(lang)
    try:
        source = read(file.read_text(encoding="utf-8"))
        lines = _import(source, publish, dry_run)
    except UnicodeDecodeError as error:
        raise ImportRefused("This is not a questionnaire file.") from error
    except ImportRefused as error:
        for fault in error.faults:
            click.echo(f"{file.name}:{fault.line}:{fault.column}: {error_text(fault)}", err=True)
        raise
    for line in lines:
        click.echo(gettext("Dry run, nothing was changed: %(what)s", what=line) if dry_run else line)


def _import(source: Source, publish: bool, dry_run: bool) -> list[str]:
    documents = parts(source.content)
    if not documents:
        raise refused([DocumentFault((), "This is not a questionnaire file.", {}, 1, 1)])
    lines = []
    with this_survey().database.session(writes=True) as session:
        problems = [
            _placed(source, number, fault)
            for number, document in enumerate(documents)
            for fault in (faults(session, document) if publish else check(document))
        ]
        if problems:
            raise refused([fault for i, fault in enumerate(problems) if fault not in problems[:i]])
        for document in documents:
            if publish:
                row = questionnaires.publish(session, document, now())
            else:
                row = drafts.put(session, document, None, now())
            about = {"code": row.code, "version": row.version}
            lines.append(
                gettext("%(code)s %(version)s: published.", **about)
                if publish
                else gettext("%(code)s %(version)s: draft.", **about)
            )
        if not dry_run:
            session.commit()
    return lines


def _placed(source: Source, number: int, fault: DocumentFault) -> DocumentFault:
    path = fault.path if fault.path[:1] and fault.path[0] in SHARED else ("questionnaires", number, *fault.path)
    line, column = source.place(path)
    return DocumentFault(path, fault.message, fault.values, line, column)


@exports.command("questionnaire")
@click.argument("code")
@click.option("--version", help="Without it: the version that is asked today.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Without it: to the screen.")
@with_appcontext
def export_questionnaire(code: str, version: str | None, out: Path | None) -> None:
    """Export a version or a draft; `hailong import questionnaire` reads it back."""
    with this_survey().database.session(writes=False) as session:
        text = written(questionnaires.named(session, code, version).document)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(gettext("Written: %(path)s", path=out))
