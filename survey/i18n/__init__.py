"""Languages: the one in use, its texts, and how it writes and sorts numbers, days and names.

The language is set once at the start, with `speaking`: by the web for a request, by the command line for a command, by
a writer for a message or file. Everything below reads it here, and fails where none is set.
"""

from survey.i18n.catalogues import DEFAULT, FOLDER, catalogue, language_in_words, language_name, languages
from survey.i18n.formats import date, decimal, instant, month, number, percent, percentage, score
from survey.i18n.language import NoLanguage, current_catalogue, current_language, restore, speaking, use
from survey.i18n.letters import plain_words, without_marks
from survey.i18n.sorting import sort_key
from survey.i18n.stored_text import invisible, length, nfc, text
from survey.i18n.translate import error_text, gettext, lazy_gettext, msgid, ngettext

__all__ = [
    "DEFAULT",
    "FOLDER",
    "NoLanguage",
    "catalogue",
    "current_catalogue",
    "current_language",
    "date",
    "decimal",
    "error_text",
    "gettext",
    "instant",
    "invisible",
    "language_in_words",
    "language_name",
    "languages",
    "lazy_gettext",
    "length",
    "month",
    "msgid",
    "nfc",
    "ngettext",
    "number",
    "percent",
    "percentage",
    "plain_words",
    "restore",
    "score",
    "sort_key",
    "speaking",
    "text",
    "use",
    "without_marks",
]
