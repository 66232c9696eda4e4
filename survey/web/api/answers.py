"""An answer in by the portal's own page or a mini app: for one invitation, by the same way as from our page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from survey import questionnaires
from survey.accounts.api_keys import KeyScope
from survey.collection import invitations, responses
from survey.collection.answers import read_answers
from survey.collection.responses import SubmissionMeta
from survey.errors import Conflict, InvalidRequest, NotFound
from survey.i18n import msgid
from survey.organisation import agencies
from survey.periods import now
from survey.questionnaires import Question, Questionnaire
from survey.security.tokens import receipt_code
from survey.web.api.operations import IDEMPOTENCY, Asked, Strict, operation
from survey.web.request import session, settings
from survey.web.survey import this_survey
from survey.web.upload_limits import MOST_FORM_BYTES

LARGEST = MOST_FORM_BYTES  # as of a form on our page
MOST_SECONDS = 32_767
_NO_KEY = msgid("Send an Idempotency-Key: one for each sheet, the same when it is sent again.")
_UNKNOWN = msgid("Nothing of this name is known here. Leave it out.")
_CHANGED = msgid("The questions have changed since they were read. Read them again, and show them to the person.")
_FOREIGN = msgid("This link is not valid. Please open it again from the message that you received.")


def _whole(sent: object) -> object:
    """Take 60.0 for 60, as JSON Schema does."""
    return int(sent) if isinstance(sent, float) and sent.is_integer() else sent


QuestionId = Annotated[str, Field(pattern="^[A-Za-z0-9_]{1,16}$")]
Text = Annotated[str, Field(max_length=8000)]


class AnswerOption(Strict):
    """One answer that can be chosen: what is sent, and its words."""

    value: str
    text: dict[str, str]


class AskedQuestion(Strict):
    """One question; `rows`: each is answered under its own name."""

    id: str
    kind: Literal["scale", "single", "multi", "text", "grid"]
    text: dict[str, str]
    required: bool
    judged: bool = Field(description="Whether it is the one question that is held against the target.")
    options: list[AnswerOption]
    rows: list[AnswerOption]
    max_length: int


class QuestionnaireReply(Strict):
    """What invitations ask today, in every language."""

    version: int = Field(description="Send it back with the answers, so that nobody's answer is to other words.")
    code: str
    title: dict[str, str]
    questions: list[AskedQuestion]


class SheetBody(Strict):
    """What one person answered, by the names of the questions."""

    token: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{22}$", description="The last part of the invitation's link.")]
    version: Annotated[int, BeforeValidator(_whole)]
    answers: Annotated[
        dict[QuestionId, Text | Annotated[list[Text], Field(max_length=40)]],
        Field(
            min_length=1,
            max_length=100,
            examples=[{"S1": "4", "S8": "Cảm ơn"}],
            json_schema_extra={"additionalProperties": False},  # of other names than the pattern's
        ),
    ]
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] = Field("vi", description="In which the person read them.")
    seconds: Annotated[int, Field(ge=0, le=MOST_SECONDS), BeforeValidator(_whole)] | None = Field(
        None, description="How long the page was open before it was sent."
    )


class ReceiptReply(Strict):
    """The proof that the answer is kept; show it to the person."""

    receipt: str
    link: str = Field(description="Where the receipt can be looked up.")
    changeable_until: dt.datetime = Field(description="Until then it can be sent again, changed.")


@operation("/questionnaire", "GET", QuestionnaireReply, scope=KeyScope.ANSWERS_WRITE, errors=(404,))
def read_questionnaire(_asked: Asked) -> QuestionnaireReply:
    """Read what invitations ask: the words, the values to send, and the version that they belong to.

    The order of the answers, and that all are of the same size, are part of the measurement: show them as they come.
    """
    asked = _questionnaire()
    return QuestionnaireReply(
        version=asked.id, code=asked.code, title=dict(asked.title), questions=[_shown(one) for one in asked.questions]
    )


@operation(
    "/answers",
    "POST",
    ReceiptReply,
    body=SheetBody,
    scope=KeyScope.ANSWERS_WRITE,
    repeatable=True,
    needs_key=True,
    largest=LARGEST,
    errors=(404, 409, 410),
)
def send_answers(asked: Asked) -> ReceiptReply:
    """Send what one invited person answered on a page of your own.

    It goes the way of an answer from our page, with its rules: one answer of an invitation counts, the last one; it can
    be changed as often and as long as there; comments are redacted. Sent again under its Idempotency-Key, which is
    needed, it is recorded once and gets the same receipt. It is kept when the reply comes, never before. Each answer
    must come from the person: nothing may be chosen beforehand, and nobody may answer for somebody else.
    """
    sheet: SheetBody = asked.body
    if asked.idempotency_key is None:
        raise InvalidRequest(_NO_KEY, [(IDEMPOTENCY, _NO_KEY, {})])
    when, connection = now(), session().connection()
    questionnaire = _questionnaire()
    if sheet.version != questionnaire.id:
        raise Conflict(_CHANGED)
    source = invitations.find(connection, sheet.token, when)
    if not agencies.tree(session()).within(source.agency_id, asked.holder.agency_id):
        raise NotFound(_FOREIGN)
    given = {name: [value] if isinstance(value, str) else value for name, value in sheet.answers.items()}
    if strange := sorted(given.keys() - {name for one in questionnaire.questions for name in one.fields}):
        faults: list[tuple[str, str, dict[str, Any]]] = [(f"answers.{name}", _UNKNOWN, {}) for name in strange]
        raise InvalidRequest(msgid("Some of these questions are not asked."), faults)

    def values(name: str) -> Sequence[str]:
        return given.get(name, ())

    answers = read_answers(questionnaire, values)
    language = sheet.language if sheet.language in this_survey().languages else this_survey().languages[0]
    meta = SubmissionMeta(asked.idempotency_key, when, language, sheet.seconds)
    receipt = receipt_code(responses.record(connection, settings().secret_key, source, questionnaire, answers, meta))
    session().commit()
    link = f"{settings().public_url}/receipt/{receipt}"
    return ReceiptReply(receipt=receipt, link=link, changeable_until=source.expires_at or when)


def _questionnaire() -> Questionnaire:
    return questionnaires.asked_now(session(), settings().questionnaire)


def _shown(question: Question) -> AskedQuestion:
    options, rows = (
        [AnswerOption(value=one.value, text=dict(one.text)) for one in of] for of in (question.options, question.rows)
    )
    return AskedQuestion(
        id=question.id,
        kind=question.kind,  # type: ignore[arg-type]  # one of these five
        text=dict(question.text),
        required=question.required,
        judged=question.target,
        options=options,
        rows=rows,
        max_length=question.max_length,
    )
