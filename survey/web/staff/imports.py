"""Import agencies, procedures and finished cases from a page: a job does with the file what the command does."""

from __future__ import annotations

import hashlib
from typing import IO

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from survey.audit import trail
from survey.audit.acts import Act
from survey.i18n import current_language, gettext, msgid, nfc
from survey.imports import blank_tables
from survey.imports.importing import ImportKind
from survey.models import JobKind, Role
from survey.operations import jobs
from survey.periods import now
from survey.web.request import session, settings
from survey.web.staff import access
from survey.web.staff.forms import Import
from survey.web.staff.jobs import TYPES
from survey.web.upload_limits import MOST_UPLOAD_BYTES, MOST_UPLOAD_MB

pages = Blueprint("imports", __name__, url_prefix="/staff/imports")
LONGEST_NAME = 100


@pages.before_request
def check_province() -> None:
    """Let only the province's own people in: what is imported is everybody's.

    Raises:
        Forbidden: the account is of one agency below the province.
    """
    access.require_province(msgid("Files are imported by the province. Please ask an administrator of the province."))


@pages.get("")
@access.requires(Role.ADMINISTRATOR)
def show() -> str:
    """Show the form for a file."""
    asked = request.args.get("kind", "")
    form = Import(formdata=None, kind=asked) if asked in set(ImportKind) else Import()
    return render_template("staff/imports.html", form=form, fault="")


@pages.get("/table/<any(agencies, procedures, cases):kind>.xlsx")
@access.requires(Role.ADMINISTRATOR)
def table(kind: str) -> Response:
    """Give the table of a kind of import, to be filled in; what is stored already stands in it."""
    blank = blank_tables.table(session(), ImportKind(kind))
    response = Response(blank.content, content_type=TYPES["xlsx"])
    response.headers["Content-Disposition"] = f'attachment; filename="{blank.name}"'
    return response


@pages.post("")
@access.requires(Role.ADMINISTRATOR)
def ask() -> AnyResponse | tuple[str, int]:
    """Keep the file, queue its import and lead to the page that shows how far it has come."""
    request.max_content_length = MOST_UPLOAD_BYTES
    if (request.content_length or 0) > MOST_UPLOAD_BYTES:
        # Without a look at its content, the form among it: what is too large is not read.
        fault = gettext(
            "The file is larger than %(most)s MB. Please split it into several files, or ask the person who runs the "
            "server to import it with `hailong import`.",
            most=MOST_UPLOAD_MB,
        )
        return render_template("staff/imports.html", form=Import(formdata=None), fault=fault), 413
    current_app.extensions["csrf"].protect()  # not before: it reads the form, and so the file
    form = Import()
    if not form.validate():
        return render_template("staff/imports.html", form=form, fault=""), 422
    file, who, moment = form.file.data, access.who(), now()
    about = {
        "import": form.kind.data,
        "file": nfc(file.filename)[-LONGEST_NAME:],
        "sha256": _digest(file.stream),
    }
    asked = {**about, "language": current_language()}
    job_id = jobs.ask(session(), JobKind.IMPORT, asked, who.staff_id, who.agency_id, moment)
    jobs.keep_upload(settings(), job_id, file.save)
    trail.append(session(), who.staff_id, Act.IMPORT_ASKED, moment, **about)
    session().commit()
    return redirect(url_for("jobs.show", number=job_id), 303)


@pages.app_template_global()
def may_import() -> bool:
    """Return whether to show the way to this page: to those of the province who may import."""
    return access.may_change_for_the_province(Role.ADMINISTRATOR)


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # a spooled file is one, too
    stream.seek(0)
    return digest
