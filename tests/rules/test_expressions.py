"""No regular expression takes long on a text that was made to be slow.

Every compiled expression of the product is tried, whichever module it stands in; one that is written tomorrow is, too.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import analysis
import survey

LENGTH = 1_000  # the most that a question takes; nothing that anybody may send is matched in longer pieces
MOST_SECONDS = 0.25  # of a processor: the slowest takes a tenth of it, one that tries all ways takes minutes
# What is repeated, and what follows so that the whole does not match in the end.
SLOW = [
    *(
        "a",
        "A",
        "ă",
        "0",
        "9",
        " ",
        "\t",
        "\n",
        "-",
        ".",
        ",",
        "@",
        "/",
        "(",
        "[",
        "'",
        '"',
        ";",
        "_",
        "x.",
        "a ",
        "0 ",
    ),
    *(
        "0.",
        "0,",
        "0-",
        "a@a.",
        "Nguyễn ",
        "ông ",
        "số ",
        "đường ",
        "http://",
        "a/",
        "%20",
        "\u200b",
        "á́",
        "1/1/",
        "||",
    ),
]
END = "\x00"


def expressions() -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in (survey, analysis):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(("__main__", ".wsgi")):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    yield f"{module.name}.{name}", value


def seconds(expression: re.Pattern[str], text: str) -> float:
    began = time.thread_time()
    expression.search(text)
    expression.fullmatch(text)
    return time.thread_time() - began


def test_no_expression_is_slow() -> None:
    every = dict(expressions())
    assert len(every) > 80
    texts = [(piece * (LENGTH // len(piece) + 1))[:LENGTH] + END for piece in SLOW]
    once = {expression: name for name, expression in every.items()}  # one that several modules import is tried once
    slow = {
        f"{name} on {text[:6]!r}…": taken
        for expression, name in once.items()
        for text in texts
        if (taken := seconds(expression, text)) > MOST_SECONDS
    }
    assert slow == {}


def test_a_slow_one_would_be_seen() -> None:
    assert seconds(re.compile(r"(a|aa)+$"), "a" * 32 + "!") > MOST_SECONDS
