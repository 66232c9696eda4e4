"""What redaction finds in marked sentences, what it takes for nothing, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from survey.redaction import redact
from tests.support.redaction_figures import BUILDING, HELD_OUT, figures, sentences

REPEATS = 5


def run() -> None:
    """Print the figures of both sets of sentences, and the processor time of short and long comments."""
    print("sentences    numbers, addresses       names                    told as officers   words lost")
    for path in (BUILDING, HELD_OUT):
        of = figures(path)
        columns = (
            _share(of.identifiers_found, of.identifiers),
            _share(of.names_found, of.names),
            _share(of.officers_told, of.officers),
            _share(of.words_lost, of.words),
        )
        name = path.stem.removeprefix("sentences_")
        print(f"{name:<12} {columns[0]:<24} {columns[1]:<24} {columns[2]:<18} {columns[3]}")
    texts = [sentence.text for path in (BUILDING, HELD_OUT) for sentence in sentences(path)]
    length = sum(map(len, texts)) / len(texts)
    each = _seconds(lambda: [redact(text) for text in texts]) / len(texts)
    print(f"\na comment of {length:.0f} signs  {each * 1e3:.3f} ms")
    for signs in (250, 1000, 10_000):
        text = (" ".join(texts) * 2)[:signs]
        print(f"{signs:>6} signs  {_seconds(partial(redact, text)) * 1e3:.2f} ms")


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})"


def _seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(REPEATS):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


if __name__ == "__main__":
    run()
