"""What costs much and is the same for every test is made once in a process: compiled addresses and drawn charts.

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
from werkzeug.routing import Rule

from survey.web.staff import chart_svg

CHARTS = 1000  # of some ten kB each


@contextmanager
def kept() -> Iterator[None]:
    """Keep them for the time of a block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", _builders(Rule._compile_builder))
        patch.setattr(chart_svg, "svg", lru_cache(CHARTS)(chart_svg.svg.__wrapped__))
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
