"""The pages that ask, a questionnaire as a whole or part by part: citizens answer on them, its editor looks at them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from flask import render_template
from markupsafe import Markup

from survey.i18n import gettext
from survey.questionnaires import Question, Section
from survey.web.current_survey import CurrentSurvey


@dataclass(frozen=True)
class HiddenFields:
    """What a form sends besides the answers: idempotency key, proof of origin, end point, the answer it adds to."""

    key: str = ""
    csrf: str = ""
    end: str = ""
    amends: str = ""


class AskingMode(Enum):
    """How a short questionnaire is asked: one tap; what may be added to that; all of it, given back as filled in."""

    TAP = auto()
    MORE = auto()
    WHOLE = auto()


@dataclass(frozen=True)
class Filled:
    """What stands in a form that is given back: values by field, a notice, and what is wrong by question."""

    values: Mapping[str, Sequence[str]]
    notice: str = ""
    faults: Mapping[str, str] | None = None


def whole(
    current: CurrentSurvey,
    service: Markup,
    hidden: HiddenFields,
    filled: Filled,
    *,
    mode: AskingMode = AskingMode.TAP,
    how: str = "",
    preview: bool = False,
) -> str:
    """Return the page of a short questionnaire; `service` is what the answer is about, `how` what a tap will do.

    A preview shows below the one question also those that the page that thanks asks.
    """
    return render_template(
        "citizen/answer.html",
        current_survey=current,
        questionnaire=current.questionnaire,
        service=service,
        hidden=hidden,
        values=filled.values,
        notice=filled.notice,
        faults=filled.faults or {},
        mode=mode.name,
        how=how or gettext("One tap sends it. You can change it."),
        preview=preview,
    )


def part(
    current: CurrentSurvey,
    section: Section,
    questions: Sequence[Question],
    service: Markup,
    hidden: HiddenFields,
    filled: Filled,
    *,
    carried: Sequence[tuple[str, str]] = (),
    sections: Sequence[Section] = (),
    ready: bool = False,
    preview: bool = False,
) -> str:
    """Return the page of one part with those of its questions that stand on it.

    `carried` is what was answered on other pages, `sections` the parts that are asked (without them, all), `ready`
    whether the form could be sent as it is.
    """
    sections = sections or current.questionnaire.sections
    here = sections.index(section)
    return render_template(
        "citizen/part.html",
        current_survey=current,
        questionnaire=current.questionnaire,
        section=section,
        questions=questions,
        runs=_runs(questions),
        number=here + 1,
        parts=len(sections),
        before=sections[here - 1].id if here else None,
        after=sections[here + 1].id if here + 1 < len(sections) else None,
        service=service,
        hidden=hidden,
        values=filled.values,
        notice=filled.notice,
        faults=filled.faults or {},
        carried=carried,
        ready=ready,
        preview=preview,
    )


def _runs(questions: Sequence[Question]) -> list[tuple[bool, list[Question]]]:
    """Return questions in their order, those together that are rated on one scale, and whether they are."""

    def rated(question: Question) -> bool:
        return question.slot is not None and not question.target

    return [(is_rated, list(run)) for is_rated, run in itertools.groupby(questions, rated)]
