"""What costs much and is the same for every test is made once in a process: addresses, styles, statements, charts.

Nothing here stands for the product: the same engines make the same things of the same input, only not again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pytest
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from survey import app
from survey.charts import drawing

CHARTS = 1000  # of some ten kB each
STATEMENTS = 1000  # twice what one engine keeps


class CompiledTemplates(BytecodeCache):
    """Templates as this process compiled them for its first application; a changed one is compiled anew."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is compiled of this text."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled of this text."""
        self._code[bucket.key, bucket.checksum] = bucket.code


@contextmanager
def kept() -> Iterator[None]:
    """Keep them for the time of a block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", _rules(Rule.compile))
        patch.setattr(app, "_compact", lru_cache(app._compact))
        patch.setattr(ClauseElement, "_compile_w_cache", _for_every_engine(ClauseElement._compile_w_cache))
        patch.setattr(drawing, "drawn", _by_text(drawing.drawn))
        yield


def _by_text(drawn: Callable[..., list[bytes]]) -> Callable[..., list[bytes]]:
    """Draw the same charts once."""
    kept_ = lru_cache(CHARTS)(drawn)
    return lambda specs, kind: kept_(tuple(specs), kind)


def _rules(compiled: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Compile an address once, for matching and for building: most of what an application takes to be made.

    What is compiled depends on the rule's text, defaults and host, on whether slashes are merged and on the converters
    that its map has; it is bound to the rule that it is for.
    """
    compiled_rules: dict[object, tuple[Any, ...]] = {}

    def compile_once(rule: Rule) -> None:
        assert rule.map is not None
        place = (rule.map.host_matching, rule.host, rule.subdomain, rule.merge_slashes, *rule.map.converters.values())
        asked = (rule.rule, repr(rule.defaults), place)
        if asked not in compiled_rules:
            compiled(rule)
            builders = (rule._build.__func__, rule._build_unknown.__func__)  # type: ignore[attr-defined]
            compiled_rules[asked] = (rule._parts, rule._trace, rule._converters, frozenset(rule.arguments), builders)
            return
        rule._parts, rule._trace, rule._converters, arguments, builders = compiled_rules[asked]
        rule.arguments |= arguments
        rule._build, rule._build_unknown = (builder.__get__(rule, None) for builder in builders)

    return compile_once


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
