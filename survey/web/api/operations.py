"""One decorator declares an operation: its address, key, parameters, body and reply, checked and described alike."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from survey.accounts.api_keys import Holder, KeyScope
from survey.errors import InvalidAnswers, InvalidRequest
from survey.i18n import current_language, error_text, msgid
from survey.security.tokens import KEY
from survey.web.api import access, problem

pages = Blueprint("api", __name__, url_prefix="/api/v1")
Model = type[BaseModel]
IDEMPOTENCY = "Idempotency-Key"
KEY_PATTERN = f"^{KEY.pattern}$"


class Strict(BaseModel):
    """A shape that takes what it names and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(Strict):
    """The parameters that every operation takes."""

    lang: Annotated[str, Field(pattern="^[a-z]{2,3}$")] | None = Field(
        None, description="Language of messages: vi or en. Without it, Accept-Language is asked."
    )


@dataclass(frozen=True)
class Operation:
    """What an operation promises."""

    name: str
    summary: str
    rule: str
    method: str
    returns: Model | tuple[str, ...]  # a shape, or media types
    query: Model = Query
    body: Model | None = None
    path: Model | None = None
    scope: KeyScope | None = None
    repeatable: bool = False  # takes an Idempotency-Key
    needs_key: bool = False  # and is refused without
    largest: int | None = None
    errors: tuple[int, ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request that keeps to the description of its operation."""

    holder: Holder
    query: Any
    body: Any = None
    path: Any = None
    idempotency_key: str | None = None


OPERATIONS: list[Operation] = []
OperationView = Callable[[Asked], BaseModel | Response]

_WRONG = msgid("The request breaks the description of the API in %(number)s places; nothing was recorded.")
_SAYINGS = {
    "missing": msgid("This is missing."),
    "extra_forbidden": msgid("Nothing of this name is known here. Leave it out."),
    "string_pattern_mismatch": msgid("This has not the right form. It must match %(pattern)s."),
    "literal_error": msgid("This word is not known here. Write one of: %(expected)s."),
    "too_long": msgid("These are too many. Send at most %(max_length)s at once."),
    "too_short": msgid("These are too few. Send at least %(min_length)s."),
    "string_too_long": msgid("This text is too long. Shorten it to %(max_length)s characters."),
    "date_from_datetime_parsing": msgid("This is not a day. Write it as 2026-12-31."),
    "date_parsing": msgid("This is not a day. Write it as 2026-12-31."),
    "not_a_period": msgid("This is not a period. Write 2026-10, 2026-Q3, 2026-H1, 2026-11M, 2026 or 2026-Y1114."),
    "date_type": msgid("This is not a day. Write it as 2026-12-31."),
}
_OTHERWISE = msgid("This is of the wrong kind. See the description of the API.")


def operation(
    rule: str, method: str, returns: Model | tuple[str, ...], **promises: Any
) -> Callable[[OperationView], OperationView]:
    """Declare a view as an operation of the API."""

    def declare(view: OperationView) -> OperationView:
        name, description = view.__name__, (view.__doc__ or "").strip()
        declared = Operation(name, description, rule, method, returns, **promises)
        OPERATIONS.append(declared)

        @pages.route(rule.replace("{", "<").replace("}", ">"), methods=[method], endpoint=name)
        @functools.wraps(view)
        def answer(**path: str) -> Response:
            holder = access.authenticate(declared.scope)
            reply = view(_read(declared, holder, path))
            if isinstance(reply, Response):
                return reply
            return json_reply(reply.model_dump_json(exclude_none=False).encode())

        return view

    return declare


def json_reply(content: bytes, **headers: str) -> Response:
    """Return JSON that is written already."""
    response = Response(content, 200, content_type="application/json")
    response.headers["Content-Language"] = current_language()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pages.errorhandler(InvalidRequest)
def invalid(error: InvalidRequest) -> Response:
    """Name every fault by its field."""
    detail = error_text(error)
    return problem.reply(detail, error.status, error.code, **problem.faults(error.faults))


@pages.errorhandler(InvalidAnswers)
def invalid_answers(error: InvalidAnswers) -> Response:
    """Name every answer that cannot be taken, as citizens' pages do."""
    named = tuple((f"answers.{name}", message, values) for name, (message, values) in error.faults.items())
    return problem.reply(error_text(error), error.status, error.code, **problem.faults(named))


def _read(declared: Operation, holder: Holder, path: dict[str, str]) -> Asked:
    query = _checked(declared.query, request.args.to_dict())
    key = request.headers.get(IDEMPOTENCY) if declared.repeatable else None
    if key is not None and not KEY.fullmatch(key):
        message = _SAYINGS["string_pattern_mismatch"]
        raise InvalidRequest(_WRONG, [(IDEMPOTENCY, message, {"pattern": KEY_PATTERN})], number=1)
    parameters = _checked(declared.path, path) if declared.path else None
    return Asked(holder, query, _body(declared) if declared.body else None, parameters, key)


def _body(declared: Operation) -> BaseModel:
    if declared.largest is not None:
        request.max_content_length = declared.largest
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    raw = request.get_data(cache=True)
    try:
        return cast(Model, declared.body).model_validate_json(raw)
    except ValidationError as error:
        raise _refusal(error) from None


def _checked(model: Model, values: dict[str, str]) -> BaseModel:
    try:
        return model.model_validate_strings(values)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> Exception:
    """Return what is wrong, by field and in our own words, never repeating what was sent."""
    errors = error.errors(include_url=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in errors):
        return BadRequest()
    faults = [
        (".".join(str(part) for part in one["loc"]), _SAYINGS.get(one["type"], _OTHERWISE), one.get("ctx", {}))
        for one in errors
    ]
    return InvalidRequest(_WRONG, faults, number=len(faults))
