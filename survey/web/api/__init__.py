"""The portal's API: every operation is declared once, and its description is written from that declaration."""

from survey.web.api import answers, cases, counts, keys, qr, reports
from survey.web.api.document import describe
from survey.web.api.operations import pages

__all__ = ["answers", "cases", "counts", "describe", "keys", "pages", "qr", "reports"]
