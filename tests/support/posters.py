"""A poster to be set, without a database."""

from __future__ import annotations

import datetime as dt

from survey.collection.posters.typesetting import Poster, Size, document


def poster_data() -> str:
    """Return what stands on one poster, ready to be set."""
    site = "https://hailong.example"
    unit = {"vi": "UBND phường Trà Vinh", "en": "Tra Vinh Ward"}
    poster = Poster(
        f"{site}/q/AAAA1111", "AAAA1111", "1234 5678", f"{site}/verify-qr", f"{site}/improvements", None, unit
    )
    return document([poster], Size.A5, dt.date(2026, 10, 1), demo=False)
