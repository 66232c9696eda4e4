"""Providers of single sign-on as pages know them: by their code, by the session that they began, and the way there."""

from __future__ import annotations

import flask
from flask import render_template, url_for

from survey.accounts import identities
from survey.accounts.sessions import SignedIn
from survey.errors import NotFound
from survey.i18n import text
from survey.single_sign_on.providers import Provider, named, of_issuer
from survey.web.request import reading, settings
from survey.web.survey import this_survey


def asked_for(code: str) -> Provider:
    """Return the provider of a code.

    Raises:
        NotFound: there is none.
    """
    provider = named(this_survey().providers, code)
    if provider is None:
        raise NotFound("There is no such way to sign in. Please choose another one.")
    return provider


def of_session(who: SignedIn) -> Provider | None:
    """Return the provider by which somebody has signed in; None if it was none, or is none of ours any more."""
    if who.identity_id is None:
        return None
    with reading() as looking:
        return of_issuer(this_survey().providers, identities.issuer_of(looking, who.identity_id))


def address(endpoint: str, code: str | None = None) -> str:
    """Return an address of ours as a provider is to know it; what is None is left out of it."""
    return settings().public_url + url_for(endpoint, code=code)


def onward(provider: Provider, there: str, leaving: bool = False) -> flask.Response:
    """Lead on by a page: a form may not be answered by a redirect to another site (form-action of our policy)."""
    page = render_template("staff/onward.html", provider=text(provider.name), there=there, leaving=leaving)
    return flask.make_response(page)
