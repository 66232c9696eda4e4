"""What costs much and is the same for every test is made once in a process: addresses, statements, drawn charts.

Nothing here stands for the product: the same engines make the same things of the same input, only not again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pytest
import vl_convert
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

CHARTS = 1000  # of some ten kB each
STATEMENTS = 1000  # twice what one engine keeps


@contextmanager
def kept() -> Iterator[None]:
    """Keep them for the time of a block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", _builders(Rule._compile_builder))
        patch.setattr(ClauseElement, "_compile_w_cache", _for_every_engine(ClauseElement._compile_w_cache))
        patch.setattr(vl_convert, "vegalite_to_png", _by_text(vl_convert.vegalite_to_png))
        yield


def _by_text(drawn: Callable[..., bytes]) -> Callable[..., bytes]:
    """Draw a chart once, whether it comes as a dictionary or as JSON."""
    kept_ = lru_cache(CHARTS)(drawn)
    return lambda spec, **options: kept_(spec if isinstance(spec, str) else json.dumps(spec), **options)


def _builders(compiled: Callable[[Rule, bool], Any]) -> Callable[[Rule, bool], Any]:
    """Compile what builds the addresses of a rule once: 20 of the 25 ms that an application takes to be made.

    What is compiled takes its rule as an argument, and depends on nothing but the rule's text and defaults.
    """
    compiled_rules: dict[object, Any] = {}

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        asked = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if asked not in compiled_rules:
            compiled_rules[asked] = compiled(rule, append_unknown)
        return compiled_rules[asked]

    return builder


def _for_every_engine(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Write each statement out once for all engines of one kind, where each application has engines of its own.

    A trend of a unit alone takes half a second. What is written depends on the statement and the kind of database.
    """
    written: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    class OfOneKind:
        """The statements of engines of one kind, as one engine keeps its own: by a key that begins with its dialect."""

        def __init__(self, dialect: Dialect) -> None:
            self.kind = (type(dialect), dialect.dbapi, dialect.server_version_info)

        def get(self, key: tuple[Any, ...]) -> Any:
            return written.get((self.kind, *key[1:]))

        def __setitem__(self, key: tuple[Any, ...], statement: Any) -> None:
            written[self.kind, *key[1:]] = statement

    def compile_once(statement: ClauseElement, dialect: Dialect, *, compiled_cache: Any, **given: Any) -> Any:
        kept_ = None if compiled_cache is None else OfOneKind(dialect)
        return compiled(statement, dialect, compiled_cache=kept_, **given)

    return compile_once
