"""The portal's API: every operation is declared once, and its description is written from that declaration."""

from survey.views.api import cases, counts, keys, qr
from survey.views.api.document import describe
from survey.views.api.operation import pages

__all__ = ["cases", "counts", "describe", "keys", "pages", "qr"]
