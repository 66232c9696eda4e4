"""What is a list, what is a name with entries and what is a single value in a questionnaire document."""

from __future__ import annotations

from typing import Any

from survey.i18n import msgid
from survey.questionnaires.document import At
from survey.questionnaires.findings import DocumentFaults

ANY, VALUE, LIST, NAMES = "any", "value", "list", "names"
# ANY, VALUE, (LIST, shape), (NAMES, shape), or keys with their shapes: every other key holds a value
DocumentShape = Any

TEXTS: DocumentShape = {"map": ANY}
SCALE: DocumentShape = {"points": (LIST, TEXTS), "positive": (LIST, VALUE), "na": TEXTS}
ITEM: DocumentShape = {"map": ANY, "options": (LIST, TEXTS), "rows": (LIST, TEXTS)}
GROUP: DocumentShape = {"items": (LIST, ITEM)}
SECTION: DocumentShape = {"title": TEXTS, "lead": TEXTS, "note": TEXTS, "items": (LIST, ITEM), "groups": (LIST, GROUP)}
QUESTIONNAIRE: DocumentShape = {
    "method_note": TEXTS,
    "scales": (NAMES, SCALE),
    "factors": (LIST, TEXTS),
    "texts": (NAMES, TEXTS),
    "title": TEXTS,
    "basis": TEXTS,
    "audience": (LIST, VALUE),
    "intro": (LIST, VALUE),
    "outro": (LIST, VALUE),
    "sections": (LIST, SECTION),
    "items": (LIST, ITEM),
}


def check_shape(value: Any, findings: DocumentFaults, shape: DocumentShape = QUESTIONNAIRE, at: At = ()) -> None:
    """Name every part that is not of its shape, so that the other checks can rely on it."""
    if shape == ANY:
        return
    if shape == VALUE:
        if isinstance(value, dict | list):
            findings.add(at, msgid("A single value is expected here."))
    elif isinstance(shape, tuple) and shape[0] == LIST:
        if not isinstance(value, list):
            findings.add(at, msgid("A list is expected here."))
            return
        for i, entry in enumerate(value):
            check_shape(entry, findings, shape[1], (*at, i))
    elif not isinstance(value, dict):
        findings.add(at, msgid("Names with their entries are expected here."))
    else:
        for key, entry in value.items():
            below = shape[1] if isinstance(shape, tuple) else shape.get(key, VALUE)
            check_shape(entry, findings, below, (*at, key))
