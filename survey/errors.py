"""Every error that a person may meet, drawn once.

SurveyError                       400  something the person can mend
├── NotFound                      404  no such link, code, agency, page
├── Expired                       410  the link's answer window has closed
├── CaseWithdrawn                 410  the link's case was withdrawn: there is nothing to rate any more
├── Forbidden                     403  signed in, but not for this agency or act
├── SignInRequired                401  no valid staff session
├── ConfirmationRequired          401  signed in, but too long ago for a dangerous act
├── FactorRequired                403  a second factor is overdue, and nothing else is done before it is set up
├── PasswordRequired              403  the password is one that somebody else has made, and nothing else is done before
├── KeyRefused                    401  no API key, or one that is unknown or revoked
├── SignInRefused                 422  wrong login or password, or the account is locked
├── SignOnRefused                 422  a provider of single sign-on has not said, or not as it must, who somebody is
├── InvalidPassword               422  the new password cannot be taken, or the current one is wrong
├── TooManyTries                  429  slow down; says for how long
├── InvalidAnswers                422  the form comes back filled in, each fault named
├── InvalidContact                422  neither an e-mail address nor a phone number
├── InvalidRequest                422  a request to the API breaks its description, each fault by field
├── InvalidPeriod                 400  not a period such as 2026-10
├── InvalidNote                   422  a checkpoint or key of a ledger that is none, or whose signature is not genuine
├── ImportRefused                 422  faults by line and column; nothing was imported
├── AnsweredTooOften              409  a link's answer was changed as often as it may be; names the receipt that counts
├── Conflict                      409  the same key with other content, or a state that moved on
└── Unavailable                   503  it cannot be done now; nothing was recorded, and says when to try again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class SurveyError(Exception):
    """Something went wrong that a person can understand and mend.

    `message` is an English msgid, translated where it is shown; `values` fill its placeholders.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class NotFound(SurveyError):
    """There is no such thing, or the visitor may not know of it."""

    status = 404
    code = "not_found"


class Expired(SurveyError):
    """The link was good once; its answer window has closed."""

    status = 410
    code = "expired"


class CaseWithdrawn(SurveyError):
    """The link is good, but its case has been withdrawn: there is nothing to rate any more."""

    status = 410
    code = "case_withdrawn"


class Forbidden(SurveyError):
    """The visitor is signed in, but not for this."""

    status = 403
    code = "forbidden"


class SignInRequired(SurveyError):
    """Nobody is signed in, or the session has ended."""

    status = 401
    code = "sign_in_required"


class ConfirmationRequired(SurveyError):
    """Somebody is signed in, but has to prove again who they are before this is done; nothing typed is lost."""

    status = 401
    code = "confirmation_required"


class FactorRequired(SurveyError):
    """The role asks for a second factor, and the time to set it up is over."""

    status = 403
    code = "factor_required"


class PasswordRequired(SurveyError):
    """Somebody has signed in with a password that another person has made, and must choose one of their own first."""

    status = 403
    code = "password_required"


class KeyRefused(SurveyError):
    """The request carries no API key, or one that is unknown or revoked: nobody can tell which."""

    status = 401
    code = "key_refused"


class SignInRefused(SurveyError):
    """The login or the password is wrong, or the account is locked: one answer, so that none can be told apart."""

    status = 422
    code = "sign_in_refused"


class SignOnRefused(SurveyError):
    """Somebody came back from a provider of single sign-on and is not signed in; `reason` is a short code for logs."""

    status = 422
    code = "sign_on_refused"

    def __init__(self, reason: str, message: str, **values: Any) -> None:
        super().__init__(message, **values)
        self.reason = reason


class InvalidPassword(SurveyError):
    """A password cannot be taken; `field` ("current" or "new") says which one."""

    status = 422
    code = "invalid_password"

    def __init__(self, field: str, message: str, **values: Any) -> None:
        super().__init__(message, **values)
        self.field = field


class TooManyTries(SurveyError):
    """Too many tries; `retry_after` seconds must pass."""

    status = 429
    code = "too_many_tries"

    def __init__(self, message: str, retry_after: int, **values: Any) -> None:
        super().__init__(message, **values)
        self.retry_after = retry_after


_FAULTS = "Please check the answers marked below."


class InvalidAnswers(SurveyError):
    """Some answers cannot be taken; `faults` maps a question's id to a msgid and its values."""

    status = 422
    code = "invalid_answers"

    def __init__(self, faults: Mapping[str, tuple[str, dict[str, Any]]]) -> None:
        super().__init__(_FAULTS)
        self.faults = faults


class InvalidContact(SurveyError):
    """The text is neither an e-mail address nor a phone number; the message does not repeat it."""

    status = 422
    code = "invalid_contact"


class InvalidRequest(SurveyError):
    """A request to the API breaks its description; `faults` are field, msgid and its values."""

    status = 422
    code = "invalid_request"

    def __init__(self, message: str, faults: Sequence[tuple[str, str, dict[str, Any]]] = (), **values: Any) -> None:
        super().__init__(message, **values)
        self.faults = tuple(faults)


class InvalidPeriod(SurveyError):
    """The text names no reporting period."""

    code = "invalid_period"


class InvalidNote(SurveyError):
    """A checkpoint or a key of a ledger is none, or its signature is not genuine."""

    status = 422
    code = "invalid_note"


class ImportRefused(SurveyError):
    """The file has faults, each named by line and column; nothing was imported."""

    status = 422
    code = "import_refused"

    def __init__(self, message: str, faults: Sequence[Any] = (), **values: Any) -> None:
        super().__init__(message, **values)
        self.faults = tuple(faults)


class Conflict(SurveyError):
    """The same key came with other content, or the state has moved on."""

    status = 409
    code = "conflict"


class AnsweredTooOften(SurveyError):
    """The answer of a link was changed as often as it may be; the message names the receipt of the one that counts."""

    status = 409
    code = "answered_too_often"


class Unavailable(SurveyError):
    """It cannot be done at this moment; nothing was recorded, and `retry_after` seconds should pass."""

    status = 503
    code = "unavailable"
    retry_after: ClassVar[int] = 10
