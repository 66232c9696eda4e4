"""The headers of every reply: what a browser may load, keep, tell and find."""

from __future__ import annotations

from collections.abc import Sequence

NO_STORE = ("Cache-Control", "no-store")
NOT_FOUND = ("X-Robots-Tag", "noindex, nofollow")  # by a search engine
REFERRER = "same-origin"  # with "no-referrer" a browser calls the origin of our own form "null"


def policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Return the content security policy; citizens' pages carry styles and scripts, named by their hashes."""
    return (
        f"default-src 'self'; img-src 'self' data:; script-src 'self' {' '.join(scripts)}; "
        f"style-src 'self' {' '.join(styles)}; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def always(secure: bool) -> list[tuple[str, str]]:
    """Return the headers that no reply goes without."""
    fixed = [
        ("X-Content-Type-Options", "nosniff"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    return [*fixed, ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")] if secure else fixed
