"""Hài Lòng: the survey, its storage, its staff pages and its reports."""

from survey.app import create_app

__all__ = ["create_app"]
