"""Whether somebody is named with a post: before the name or after it."""

from __future__ import annotations

from collections.abc import Sequence

from survey.redaction.word_lists import cue_phrases, cue_words, word_lists
from survey.redaction.words import Word

STEPS = 10  # words between a post and the name: "Chủ tịch UBND xã Long Đức, ông Lê Văn Hùng"
PAUSES = frozenset(" ,(-–:/\n")
# Between a post and the name stand only words of offices, places and titles.
BETWEEN = cue_words("between_post_and_name")
AFTER = cue_words("between_name_and_post")
# Where somebody works rather than what they are: any word with a capital may follow, so only listed names count.
WORKPLACES = cue_phrases("workplaces")


def is_officer(words: Sequence[Word], start: int, end: int) -> bool:
    """Return whether a post stands with a name, in the same sentence and with nothing else in between."""
    return _before(words, start) or _after(words, end)


def _before(words: Sequence[Word], start: int) -> bool:
    posts = word_lists().posts
    for here in range(start, max(0, start - STEPS), -1):
        if not _paused(words[here - 1]):
            return False
        if posts.before(words, here):
            return True
        if words[here - 1].plain not in BETWEEN and not words[here - 1].capital:
            return False
    return False


def _after(words: Sequence[Word], end: int) -> bool:
    posts = word_lists().posts
    for here in range(end, min(end + 4, len(words))):
        if not _paused(words[here - 1]):
            return False
        if posts.at(words, here):
            return True
        if words[here].plain not in AFTER:
            return False
    return False


def _paused(word: Word) -> bool:
    return PAUSES.issuperset(word.gap)
