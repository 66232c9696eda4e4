"""Errors of the API as problem details (RFC 9457), in Vietnamese or English as the request asks."""

from __future__ import annotations

from typing import Any

from flask import Response, json

from survey.i18n import current_language, gettext, msgid

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 100
TITLES = {
    400: msgid("The request cannot be read"),
    401: msgid("An API key is needed"),
    403: msgid("The key may not do this"),
    404: msgid("Not found"),
    405: msgid("This address cannot be used that way"),
    409: msgid("The request contradicts an earlier one"),
    410: msgid("The time for this has passed"),
    413: msgid("The request is too large"),
    415: msgid("The content is of the wrong type"),
    422: msgid("The request breaks the description of the API"),
    429: msgid("Too many requests"),
    500: msgid("A fault on our side"),
    503: msgid("The service cannot be reached just now"),
}


def reply(detail: str, status: int, code: str, **extra: Any) -> Response:
    """Return an error as problem details; `detail` is said in the language in use already."""
    title = gettext(TITLES.get(status, TITLES[400]))
    about = {"type": f"urn:hailong:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    response = Response(json.dumps(about | extra, ensure_ascii=False), status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = current_language()
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hailong"'
    return response


def faults(all_faults: tuple[tuple[str, str, dict[str, Any]], ...]) -> dict[str, Any]:
    """Return the first faults of a request by field, and how many there are."""
    first = [
        {"field": field, "message": gettext(message, **values)} for field, message, values in all_faults[:MOST_FAULTS]
    ]
    return {"faults": first, "number_of_faults": len(all_faults)}
