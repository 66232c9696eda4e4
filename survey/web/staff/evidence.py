"""What somebody shows on a page to prove who they are: a code that was typed, or what a passkey signed.

The fields stand in whatever form is sent, so that a form which needs them is sent once more with all that it held.
"""

from __future__ import annotations

from collections.abc import Collection

import flask
from flask import request
from flask_wtf.csrf import generate_csrf

from survey.accounts import passkeys
from survey.accounts.passkeys import Signed, Site
from survey.accounts.second_step import Evidence
from survey.errors import Conflict
from survey.models import Passkey
from survey.periods import now
from survey.web.form_proof import NAME
from survey.web.front_door import ORIGINS
from survey.web.request import settings

CODE, PASSKEY = "proof_code", "proof_passkey"  # fields
LONGEST = 256  # characters of a code, or of a password in its place


def site() -> Site | None:
    """Return what passkeys belong to here; None where this address allows none."""
    return passkeys.site_of(settings().public_url, request.environ[ORIGINS])


def browser() -> str:
    """Return what tells this browser from others: the value by which its forms are recognised."""
    generate_csrf()  # which makes one where there is none
    return str(flask.session[NAME])


def sent() -> Evidence | None:
    """Return what the form shows, or None if it shows nothing."""
    if request.form.get(PASSKEY):
        return signed()
    return request.form.get(CODE, "").strip()[:LONGEST] or None


def signed(field: str = PASSKEY) -> Signed:
    """Return what a field of the form holds of a passkey.

    Raises:
        Conflict: there are no passkeys at this address.
    """
    here = site()
    if here is None:
        raise Conflict("There are no passkeys at this address. Please open the survey by its name and https.")
    return Signed(request.form.get(field, ""), here, flask.session.get(NAME, ""))


def asked_of(held: Collection[Passkey] = ()) -> str:
    """Return what the browser is to ask its passkeys, one of those `held` or any; empty where there are none."""
    here = site()
    return passkeys.to_show(settings().secret_key, here, held, browser(), now()) if here else ""


def kept_fields() -> list[tuple[str, str]]:
    """Return the fields of the form that was sent, but for what proves something."""
    ours = (CODE, PASSKEY, NAME)
    return [(name, value) for name, value in request.form.items(multi=True) if name not in ours]


def device() -> str:
    """Return in a few words in which browser this is, as it says itself; empty if it says nothing known."""
    return name_of(request.headers.get("User-Agent", ""))


# What a browser and its system call themselves by; the first sign that is there counts.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "coc_coc": "Cốc Cốc",
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "Chrome/": "Chrome",
    "CriOS": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def name_of(agent: str) -> str:
    """Return the name of a browser and its system, of those that are common.

    >>> name_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0")
    'Edge · Windows'
    >>> name_of("curl/8.5")
    ''
    """
    names = (next((name for sign, name in signs.items() if sign in agent), "") for signs in (BROWSERS, SYSTEMS))
    return " · ".join(name for name in names if name)
