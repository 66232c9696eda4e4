"""The ordinary visit, answered before Flask's own work: open the short form, send it, be thanked.

Nearly every request is one of these two, and finding the route, making contexts and asking the extensions would cost
more than the answer itself. It is done by the same functions as in `survey.web.citizen.app`, and whatever
is not quite ordinary is left to it: a fault in the form, a link that is not valid, a second answer, another
questionnaire, a page that was not printed yet, a database that cannot be reached. Recording is idempotent, so that
nothing is lost or doubled if Flask begins again.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.http import parse_cookie, parse_options_header

from survey.collection import invitations, responses
from survey.collection.answers import read_answers
from survey.collection.invitations import AnswerSource
from survey.db.raw_connection import Bare
from survey.errors import SurveyError
from survey.i18n import DEFAULT
from survey.logs import log
from survey.periods import now
from survey.web import headers
from survey.web.citizen import page_cache, paged_form, submission
from survey.web.citizen.cached_page import HTML, Page
from survey.web.current_survey import CurrentSurvey, fresh
from survey.web.survey import survey_of

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

Environ = dict[str, Any]
Body = tuple[bytes, list[tuple[str, str]]]
ADDRESS = re.compile(r"/([rq])/([A-Za-z0-9_-]{1,64})")
FORM = "application/x-www-form-urlencoded"
LONGEST = 64 * 1024
OURS = ("same-origin", "none")
TURNS = ("switch", "go", "amends")  # the fields that ask for something else than to be recorded


class Express:
    """What a server calls: an ordinary visit is answered at once, all others by Flask."""

    def __init__(self, app: Flask, policy: str) -> None:
        """Stand before `app`, which holds the database, the printed pages and the masthead."""
        self.flask = app.wsgi_app
        self._survey = survey_of(app)
        self._settings = survey_of(app).settings
        self._pages: dict[Any, Page] = self._survey.pages
        self._headers = [
            ("Content-Type", HTML),
            ("Content-Security-Policy", policy),
            ("Referrer-Policy", headers.CITIZENS_REFERRER),
            headers.NO_STORE,
            headers.NOT_FOUND,
            *headers.always(self._settings.secure),
        ]

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        at = ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        reply = self._visit(environ, *at.groups()) if at and not environ.get("QUERY_STRING") else None
        if reply is None:
            return self.flask(environ, start)
        body, coding = reply
        start("200 OK", [*self._headers, *coding, ("Content-Length", str(len(body)))])
        return [body]

    def _visit(self, environ: Environ, kind: str, code: str) -> Body | None:
        known = fresh(self._survey)
        if known is None:
            return None
        try:
            if environ["REQUEST_METHOD"] == "GET":
                return self._ask(environ, known, kind, code)
            if environ["REQUEST_METHOD"] == "POST":
                return self._receive(environ, known, kind, code)
        except SurveyError:
            pass  # Flask says what is wrong, in the person's language
        except (sa.exc.SQLAlchemyError, self._survey.database.engine.dialect.loaded_dbapi.Error) as fault:
            log.warning("express_database_fault", kind=type(fault).__name__)
        return None

    def _ask(self, environ: Environ, known: CurrentSurvey, kind: str, code: str) -> Body | None:
        if kind != "q" or (source := known.placed.get(code)) is None:
            with self._survey.database.bare() as opened:
                source = _find(opened, known, kind, code)
        known = known.asking(known.sheets.get(source.questionnaire or self._settings.questionnaire, known.sheet))
        language = self._language(environ)
        page = self._pages.get(page_cache.name_of(page_cache.ASK, language, known, {}))
        if page is None or known.sheet.paged:
            return None
        service = page_cache.about(known, source, language)
        filled = page_cache.asking(service, "", self._settings.secret_key, environ["PATH_INFO"])
        return page.reply(filled, environ.get("HTTP_ACCEPT_ENCODING", ""))

    def _receive(self, environ: Environ, known: CurrentSurvey, kind: str, code: str) -> Body | None:
        if not self._from_our_page(environ) or (body := _body(environ)) is None:
            return None
        secret, path = self._settings.secret_key, environ["PATH_INFO"]
        form = submission.proved(submission.fields_of(body), secret, path)
        sheet = paged_form.asked_today(known, form)
        if not form.ours or sheet is None or sheet.paged or any(form.one(name) for name in TURNS):
            return None
        known, answers = known.asking(sheet), read_answers(sheet, form.values)
        spoken = form.one("lang")
        language = spoken if spoken in self._survey.languages else self._language(environ)
        when = now() - form.waited
        sending = responses.SubmissionMeta(form.key, when, language, form.seconds)
        with self._survey.database.bare() as opened:
            source = _find(opened, known, kind, code, when)
            offers = page_cache.offers(known, source, answers)
            page = self._pages.get(page_cache.name_of(page_cache.THANK, language, known, offers))
            if page is None:
                return None
            opened.begin(statements=1 + len(answers.comments))
            receipt = responses.record_first(opened, secret, source, sheet, answers, sending)
            if receipt is None:
                return None
            opened.commit()
        filled = page_cache.thanking(receipt, answers, form.key, secret, path)
        return page.reply(filled, environ.get("HTTP_ACCEPT_ENCODING", ""))

    def _language(self, environ: Environ) -> str:
        cookie = environ.get("HTTP_COOKIE")
        chosen = parse_cookie(cookie).get("lang") if cookie else None
        return chosen if chosen and chosen in self._survey.languages else DEFAULT

    def _from_our_page(self, environ: Environ) -> bool:
        """Say whether it is certain that the form came from this site; where it is not, Flask's part looks closer."""
        site = environ.get("HTTP_SEC_FETCH_SITE")
        if site is not None:
            return site in OURS
        return environ.get("HTTP_ORIGIN", "null") in ("null", self._settings.public_url)


def _find(opened: Bare, known: CurrentSurvey, kind: str, code: str, when: dt.datetime | None = None) -> AnswerSource:
    if kind == "r":
        return invitations.find(opened, code, when or now())
    if code not in known.placed:
        known.placed[code] = invitations.place(opened, code)
    return known.placed[code]


def _body(environ: Environ) -> bytes | None:
    """Read the form, and leave it to be read again."""
    length = environ.get("CONTENT_LENGTH") or ""
    ordinary = length.isascii() and length.isdecimal() and int(length) <= LONGEST
    if not ordinary or parse_options_header(environ.get("CONTENT_TYPE"))[0] != FORM:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return body
