"""Whether somebody who is signed in owes a second factor, and whether they proved lately enough who they are."""

from __future__ import annotations

import datetime as dt

import flask
from flask import g, request

from survey.accounts import second_factor, second_step, sessions
from survey.errors import ConfirmationRequired, FactorRequired, PasswordRequired, SignInRefused, TooManyTries
from survey.periods import now
from survey.web.current_survey import current_survey_or_none
from survey.web.form_proof import NAME as FORM_PROOF
from survey.web.form_proof import proof_of
from survey.web.request import settings
from survey.web.staff import evidence
from survey.web.survey import this_survey

CONFIRMED = dt.timedelta(minutes=10)  # for which nobody is asked again who they are
WITHOUT_FACTOR = (
    "sign_in",
    "second_factor",
    "single_sign_on",
)  # blueprints of those who owe a factor, too


def check_factor(who: sessions.SignedIn) -> None:
    """Let somebody who owes a second factor do nothing else before it is set up.

    Raises:
        FactorRequired: it is overdue.
    """
    if second_factor.is_overdue(who, now()) and asks_for_factors() and request.blueprint not in WITHOUT_FACTOR:
        raise FactorRequired("Please set up a second factor first: your role asks for one, and its week has passed.")


def check_password(who: sessions.SignedIn) -> None:
    """Let somebody whose password was made by another person do nothing else before they have changed it.

    Raises:
        PasswordRequired: they have not.
    """
    if who.password_is_one_off and request.blueprint != "sign_in":
        raise PasswordRequired("Please choose a password of your own first: the one you were given is for one use.")


def check_confirmed(who: sessions.SignedIn) -> None:
    """Let somebody prove again who they are, unless they did in the last minutes; the session gets another id.

    Raises:
        ConfirmationRequired: they have not, or what they showed is not right.
    """
    since = who.confirmed_at
    if since is not None and dt.timedelta() <= now() - since < CONFIRMED:
        return
    shown = evidence.sent()
    if shown is None:
        raise ConfirmationRequired("Please prove once more that it is you. What you entered is kept.")
    try:
        token = second_step.confirm(this_survey().database, settings().secret_key, who, shown, now())
    except (SignInRefused, TooManyTries) as error:
        raise ConfirmationRequired(error.message, **error.values) from error
    with this_survey().database.session(writes=False) as reading:
        g.staff = sessions.signed_in(reading, token, now())
    g.staff_token = token
    flask.session[FORM_PROOF] = proof_of(settings().secret_key, token)


def asks_for_factors() -> bool:
    """Return whether this installation asks some roles for a second factor: not a demonstration, whatever is set."""
    current = current_survey_or_none()
    return settings().second_factor == "required" and not (current is not None and current.demo)


def factor_due() -> dt.datetime | None:
    """Return by when whoever is signed in has to set up a second factor; None if they need not."""
    signed_in: sessions.SignedIn | None = g.get("staff")
    owed = signed_in is not None and second_factor.is_owed(signed_in) and asks_for_factors()
    return signed_in.factor_due_at if signed_in and owed else None
