"""A page that forgets to ask for its own rows: on PostgreSQL the server gives it no others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.models import Role
from survey.settings import Settings
from tests.rules.test_matrix import FILTERS, at_that_time, furnish, leaks
from tests.support import logins
from tests.support.officials import sign_in

__all__ = ["at_that_time"]
# Filters of pages whose rows have a policy; what else these pages show is nobody's secret.
HELD_TWICE = ("agencies of a scope", "answers of a scope", "letters of own agencies")


@pytest.mark.usefixtures("at_that_time")
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize("wall", [True, False])
def test_a_filter_that_is_forgotten_shows_nothing_where_the_server_holds_rows_to_agencies(
    session: Session,
    settings: Settings,
    started: Callable[[Settings], AbstractContextManager[Flask]],
    wall: bool,
) -> None:
    """And without the wall it does, or nothing were proved."""
    units = furnish(session)
    session.commit()
    with started(logins.apart(settings) if wall else settings) as app:
        client = app.test_client()
        sign_in(client, Role.VIEWER.name.lower())
        shown = set()
        for name in HELD_TWICE:
            place, attribute, instead, only, _role = FILTERS[name]
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(place, attribute, instead)
                if next(leaks(client, app, units, only), None) is not None:
                    shown.add(name)
    assert shown == (set() if wall else set(HELD_TWICE))
