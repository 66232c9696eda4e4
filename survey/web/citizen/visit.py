"""One visit of a citizen: where the answer comes from, in which language, and what was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from flask import Request, Response, g, request
from markupsafe import Markup

from survey.collection import responses
from survey.collection.answers import AnswerFault, Answers
from survey.collection.invitations import AnswerSource
from survey.collection.responses import Submitted
from survey.errors import CaseWithdrawn, Expired, NotFound
from survey.i18n import gettext, msgid, nfc
from survey.logs import request_id
from survey.models import PrivacyPage
from survey.periods import local_day, now
from survey.questionnaires import Questionnaire
from survey.web import language
from survey.web.citizen import page_cache, submission
from survey.web.citizen.submission import Submission
from survey.web.current_survey import CurrentSurvey
from survey.web.questionnaire_page import HiddenFields
from survey.web.survey import Survey, this_survey

CHANGED = msgid(
    "The questions have changed since this page was opened. What you answered stands below: please look through it and "
    "send it again."
)
INCIDENT = msgid("Incident code: %(code)s. Please give it if you tell us of this.")
TOO_OLD = msgid("This page was open for too long. Nothing is lost: please send it again.")
Find = Callable[[sa.Connection, dt.datetime], AnswerSource]
# Gives a form back: the visit, what it is about, the status, a notice, and what is wrong by question.
FormPage = Callable[["Visit", Markup, int, str, dict[str, str]], Response]


@dataclass
class Visit:
    """What is known of one request; it fills up on the way, and an error page is made of what there is by then."""

    request: Request
    survey: Survey
    find: Find
    form_page: FormPage
    placement: str | None = None  # the code, if it is one that a whole queue of people may be using
    shared: bool = False  # its page asks one person after the other
    form: Submission = submission.NOTHING
    asked: CurrentSurvey | None = None  # what the page asks, as soon as that is decided
    source: AnswerSource | None = None

    @cached_property
    def language(self) -> str:
        """Return the language of the visit: asked for after the form was read, it is what the form says."""
        asked = self.form.one("switch") or self.form.one("lang")
        return language.decide(self.request, self.survey.languages, asked)

    @property
    def current(self) -> CurrentSurvey:
        """Return what the page asks; there is no form to show before that is decided."""
        if self.asked is None:
            raise RuntimeError("a form before anybody decided what it asks")
        return self.asked

    @property
    def privacy_notice(self) -> bytes:
        """Return the hash of what the page of this visit says about data."""
        return self.survey.privacy_notices.hashes[PrivacyPage.KIOSK if self.shared else PrivacyPage.FORM]

    def read_form(self) -> Submission:
        """Read what was sent.

        Raises:
            Forbidden: another site sent it.
        """
        self.form = submission.read(self.request, self.survey.settings, self.shared)
        return self.form

    def proof(self, form: Submission) -> str:
        """Return what proves that a form is ours: the one that came with it, or a new one for what is shown now."""
        shown, secret = self.current.questionnaire.id, self.survey.settings.secret_key
        if form.ours and form.asked == shown and form.privacy_notice == self.privacy_notice:
            return form.csrf
        key = submission.SHARED if self.shared else form.key
        return submission.proof(secret, self.request.path, shown, self.privacy_notice, key)

    def hidden(self, form: Submission) -> HiddenFields:
        """Return what a form carries besides the answers, as a page may carry it again."""
        amends = form.one("amends") if form.amends else ""
        return HiddenFields(form.key, self.proof(form), nfc(form.one("end"))[:16], amends)

    def speaking(self) -> AbstractContextManager[None]:
        """Use the visit's language within a block: whatever is not printed yet is translated there."""
        return self.survey.speaking(self.language)

    def look_up(self, current: CurrentSurvey) -> AnswerSource:
        """Return where the answer comes from; a placement is remembered as long as the rest of the page is.

        One that was in use earlier is taken to be so while the database cannot be reached: its page can be shown then,
        and is asked about again before anything is recorded.

        Raises:
            NotFound: no such link or code.
            CaseWithdrawn: there is nothing to rate any more.
            Expired: the time to answer has passed.
            SQLAlchemyError: the database cannot be reached, and nobody has asked for this placement before.
        """
        source = current.placements.get(self.placement) if self.placement else self.source
        if source is None:
            try:
                with self.survey.database.citizens.connection(writes=False) as connection:
                    source = self.find(connection, now())
            except sa.exc.SQLAlchemyError:
                source = current.earlier_placements.get(self.placement or "")
                if source is None:
                    raise
            else:
                if self.placement:
                    current.placements[self.placement] = source
        self.source = source
        return source

    def record(self, questionnaire: Questionnaire, answers: Answers) -> tuple[bytes, AnswerSource]:
        """Record the answers as of the moment at which the person sent them; return the receipt and their source.

        It is durable when this returns, and recorded once however often it is repeated.

        Raises:
            NotFound: no such link or code.
            CaseWithdrawn: the case had been withdrawn.
            Expired: the time to answer had passed.
        """
        form, when = self.form, now() - self.form.waited
        how = (form.seconds, form.amends, form.waited, form.trapped, form.privacy_notice)
        meta = responses.SubmissionMeta(form.key, when, self.language, *how)
        secret, placed = self.survey.settings.secret_key, self.current.placements.get(self.placement or "")
        notices = self.survey.privacy_notices
        if placed is not None and form.amends is None and not answers.comments and notices.kept:
            # It is one row: one statement, which needs no transaction around it.
            with self.survey.database.citizens.connection(writes=True, lone=True) as connection:
                receipt = responses.record_first(connection, secret, Submitted(placed, questionnaire, answers, meta))
                connection.commit()
            if receipt is not None:
                self.source = placed
                return receipt, placed
        with self.survey.database.citizens.connection(writes=True) as connection:
            source = self.source = placed or self.find(connection, when)
            receipt = responses.record(connection, secret, source, questionnaire, answers, meta)
            notices.keep(connection, local_day(now()))
            connection.commit()
        notices.kept = True
        return receipt, source

    def about(self) -> Markup:
        """Return what the answer is about, as far as it can be told: the form is given back in any case."""
        try:
            return page_cache.about(self.current, self.look_up(self.current), self.language)
        except (NotFound, CaseWithdrawn, Expired, sa.exc.SQLAlchemyError):
            return Markup("")

    def ask_again(self) -> Response:
        """Ask the one question again of somebody who has answered it, if that can still be changed.

        Raises:
            NotFound: no such link or code.
            CaseWithdrawn: there is nothing to rate any more.
            Expired: the time to change it has passed.
        """
        source = self.look_up(self.current)
        about = page_cache.about(self.current, source, self.language)
        with self.speaking():
            return self.form_page(self, about, 200, "", {})

    def give_back(self, status: int, notice: str = "", faults: Mapping[str, AnswerFault] | None = None) -> Response:
        """Return the form as it was filled in, with what is to be done: a msgid, and one for each faulty question."""
        about = self.about() if status < 500 else Markup("")  # what has just failed is not asked again
        with self.speaking():
            words = {name: gettext(message, **values) for name, (message, values) in (faults or {}).items()}
            shown = gettext(notice) if notice else ""
            if status >= 500:
                shown = f"{shown} {gettext(INCIDENT, code=request_id())}".strip()
            return self.form_page(self, about, status, shown, words)


def begin(find: Find, form_page: FormPage, placement: str | None = None, shared: bool = False) -> Visit:
    """Begin the visit that the request in hand is, where an error page looks for it."""
    here = request._get_current_object()  # type: ignore[attr-defined]  # of the proxy, which is typed as what it holds
    visit = g.visit = Visit(here, this_survey(), find, form_page, placement, shared)
    return visit
