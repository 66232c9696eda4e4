"""Languages: the one in use, what is said in it, and how it writes and sorts numbers, days and names.

Whoever starts something says the language once, with `speaking`: the web for a request, the command line for a
command, a writer for a message or file. Everything below reads it here, and fails where nobody has said one.
"""

from survey.i18n.catalogues import FOLDER, catalogue, language_name, languages
from survey.i18n.formats import date, decimal, month, number, percent, percentage, score
from survey.i18n.language import DEFAULT, NoLanguage, current_catalogue, current_language, restore, speaking, use
from survey.i18n.sorting import sort_key
from survey.i18n.stored_text import invisible, length, nfc, text
from survey.i18n.translate import gettext, lazy_gettext, msgid, ngettext

__all__ = [
    "DEFAULT",
    "FOLDER",
    "NoLanguage",
    "catalogue",
    "current_catalogue",
    "current_language",
    "date",
    "decimal",
    "gettext",
    "invisible",
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
    "restore",
    "score",
    "sort_key",
    "speaking",
    "text",
    "use",
]
