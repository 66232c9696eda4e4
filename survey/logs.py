"""Structured logs without personal data: an allow-list of fields, and no text that a visitor sent."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog

ALLOWED = frozenset(
    {"event", "level", "timestamp", "path_rule", "method", "status", "milliseconds", "kind", "act", "count", "file"}
    | {"request_id", "period", "agency", "staff_id", "seconds", "language", "exception", "where", "state", "attempt"}
)
log = structlog.get_logger("hailong")
_request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def during_request(request_id: str) -> Iterator[None]:
    """Let every line and every entry of the audit trail that is written in this block name the request."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def request_id() -> str:
    """Return the name of the request in hand; empty outside of one."""
    return _request_id.get()


def configure(level: str) -> None:
    """Write one JSON object per line to the standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _named,
            _where_only,
            _allowed_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper(), logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _named(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Name the request in which a line is written."""
    if name := request_id():
        entry["request_id"] = name
    return entry


def _where_only(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep where an exception was raised, not its text, which may carry what somebody typed."""
    error = entry.pop("exc_info", None)
    trace = getattr(error, "__traceback__", None)
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}")
        trace = trace.tb_next
    if frames:
        entry["where"] = frames[-8:]
    return entry


def _allowed_only(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {name: value for name, value in entry.items() if name in ALLOWED}
