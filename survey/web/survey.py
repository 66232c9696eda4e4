"""What one application holds, in one typed place: every view and command finds it here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from survey.db.engine import Database
from survey.settings import Settings

NAME = "survey"


@dataclass
class Survey:
    """One installation as this process serves it."""

    settings: Settings
    database: Database
    languages: list[str]  # the default first
    policy: str  # the content security policy of every page
    pages: dict[Hashable, Any] = field(default_factory=dict)  # citizens' pages, each rendered once
    drawings: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)  # figures of staff pages, newest last
    current: tuple[Any, float] | None = None  # what stands on citizens' pages, and until when it is fresh

    def install(self, app: Flask) -> None:
        """Let an application hold it."""
        app.extensions[NAME] = self


def survey_of(app: Flask) -> Survey:
    """Return what an application holds."""
    survey: Survey = app.extensions[NAME]
    return survey


def this_survey() -> Survey:
    """Return what the application in use holds."""
    return survey_of(current_app)
