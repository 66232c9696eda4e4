"""`hailong proxy-pages`: what nginx itself says, in every language, so that it speaks as the product does."""

from __future__ import annotations

from pathlib import Path

import click
from flask import render_template
from flask.cli import with_appcontext

from survey.i18n import gettext, number
from survey.web import http_errors
from survey.web.api import problem
from survey.web.survey import this_survey

# What nginx answers by itself (deploy/nginx.conf), with the name of the problem that programs get.
STATUSES = {400: "bad_request", 404: "not_found", 413: "request_entity_too_large"}
STATUSES |= {429: "too_many_tries", 500: "fault", 502: "unavailable", 503: "unavailable", 504: "unavailable"}


def pages() -> dict[str, str]:
    """Return every page and problem document by its path, for each language of the installation."""
    texts = {}
    for language in this_survey().languages:
        with this_survey().speaking(language):
            for status, code in STATUSES.items():
                asked = 503 if status > 500 else status
                message = http_errors.message(asked)
                fact, cure = http_errors.fact_and_cure(message)
                page = render_template("public/proxy_error.html", fact=fact, cure=cure)
                texts[f"{language}/{status}.html"] = page.rstrip() + "\n"
                document = problem.reply(message, asked, code).get_data(as_text=True)
                texts[f"{language}/{status}.json"] = document.rstrip() + "\n"
    return texts


@click.command("proxy-pages")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder that nginx takes them from.")
@with_appcontext
def proxy_pages(out: Path) -> None:
    """Write the pages that nginx shows by itself, in every language; once more after a language was added."""
    written = pages()
    for name, text in written.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo(gettext("Pages written: %(count)s.", count=number(len(written))))
