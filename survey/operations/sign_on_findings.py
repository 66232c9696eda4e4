"""Single sign-on: its file, its providers as they answer, and the way in that is left when they do not."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from sqlalchemy.orm import Session

from survey.accounts import identities
from survey.errors import NotFound, SignOnRefused
from survey.i18n import msgid
from survey.operations.finding import Finding
from survey.organisation import agencies
from survey.settings import Settings, SettingsError
from survey.single_sign_on import openid_connect, providers

ABOUT = msgid("single sign-on")


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at the file of providers and ask each for its description; nothing where there is no file.

    A provider that is away is no fault: whoever has a login of ours gets in without it.
    """
    if not settings.single_sign_on:
        return
    try:
        every = providers.read(settings)
    except SettingsError as error:
        yield Finding("fault", ABOUT, error.message, values=error.values)
        return
    for path in providers.secret_files(settings):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            observation, values = msgid("others on this machine can read %(file)s"), {"file": path.name}
            yield Finding("fault", ABOUT, observation, msgid("Run `chmod 600 %(file)s` in its folder"), values)
    for provider in every:
        yield _answering(provider)


def _answering(provider: providers.Provider) -> Finding:
    values = {"provider": provider.code}
    try:
        openid_connect.describe(provider)
    except SignOnRefused as error:
        if error.reason == "away":
            cure = msgid("Look at its address and at the network; until then people sign in with logins of ours")
            return Finding("warning", ABOUT, msgid("%(provider)s does not answer"), cure, values)
        cure = msgid("Compare `issuer` with what the provider says at /.well-known/openid-configuration")
        return Finding("warning", ABOUT, msgid("%(provider)s does not describe itself as this file does"), cure, values)
    return Finding("ok", ABOUT, msgid("%(provider)s answers"), values=values)


def accounts(session: Session, settings: Settings) -> Iterator[Finding]:
    """Look at whether somebody gets in without a provider, and whether the units of its table are there."""
    try:
        every = providers.read(settings)
    except SettingsError:
        return  # which `examine` has said
    if not every:
        return
    for code in sorted({row.agency for one in every for row in one.rights if row.agency}):
        try:
            agencies.by_code(session, code)
        except NotFound:
            observation = msgid("the table of rights names %(agency)s, and there is no such unit")
            yield Finding("warning", ABOUT, observation, msgid("Correct its code in the file"), {"agency": code})
    if not identities.local_administrator(session):
        observation = msgid("no administrator gets in while the providers are away")
        cure = msgid("Keep one account with a password: `hailong staff add LOGIN --role administrator`")
        yield Finding("warning", ABOUT, observation, cure)
