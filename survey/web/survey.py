"""What one application holds, in one typed place: every view and command finds it here."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

from flask import Flask, current_app

from survey import i18n
from survey.collection.privacy_notices import PrivacyNotices
from survey.db.engine import Database
from survey.settings import Settings
from survey.single_sign_on.providers import Provider

NAME = "survey"
Part = TypeVar("Part")


@dataclass
class Survey:
    """One installation as this process serves it."""

    settings: Settings
    database: Database
    languages: list[str]  # the default first
    policy: str  # the content security policy of every page
    providers: tuple[Provider, ...] = ()  # of single sign-on
    _parts: dict[type, Any] = field(default_factory=dict, repr=False)

    def speaking(self, language: str) -> AbstractContextManager[None]:
        """Use a language within a block, with this installation's catalogues."""
        return i18n.speaking(language, self.settings.translations)

    @cached_property
    def privacy_notices(self) -> PrivacyNotices:
        """What citizens' pages say about their data, as long as this process lives."""
        return PrivacyNotices(self.languages, self.settings.translations)

    def install(self, app: Flask) -> None:
        """Let an application hold it."""
        app.extensions[NAME] = self

    def part(self, kind: type[Part]) -> Part:
        """Return the one `kind` that this process keeps in memory for the installation, made at its first use."""
        kept = self._parts.get(kind)
        return cast("Part", self._parts.setdefault(kind, kind()) if kept is None else kept)


def survey_of(app: Flask) -> Survey:
    """Return what an application holds."""
    survey: Survey = app.extensions[NAME]
    return survey


def this_survey() -> Survey:
    """Return what the application in use holds."""
    return survey_of(current_app)
