"""Redaction: what tells who somebody is, is taken out of comments before anybody reads them."""

from survey.redaction.redacting import Redacted, redact

__all__ = ["Redacted", "redact"]
