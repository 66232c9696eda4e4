"""The steps before anybody can answer: whose survey it is, agencies, procedures, accounts, the questionnaire."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from survey import questionnaires
from survey.i18n import gettext, ngettext, number, text
from survey.models import AccountLink, QuestionnaireVersion, Role, Staff, VersionStatus
from survey.operations.start_step import StartStep, Way
from survey.organisation import agencies, procedures, province
from survey.organisation.dated_tree import valid
from survey.settings import Settings

ADMINISTRATORS = 2  # who agree on what gives or takes the rights of one


def province_step(session: Session) -> StartStep:
    """Return how far it is said whose survey this is."""
    own = agencies.root(session)
    english = own.name.get("en", "")
    return StartStep(
        "province",
        gettext("The province"),
        gettext("Its name stands on every page, message, poster and report."),
        gettext("%(name)s, code %(code)s.", name=text(own.name), code=own.code)
        + ("" if english else " " + gettext("It has no English name yet; English pages show the Vietnamese one.")),
        "",
        (Way(gettext("Correct code and name"), "start.ask_province"),) if province.is_correctable(session) else (),
    )


def agencies_step(session: Session, today: dt.date) -> StartStep:
    """Return how far the departments and communes are listed, and below whom."""
    units, own = agencies.tree(session), agencies.root(session)
    below = [units.agencies[key] for key in units.subtree(own.id) if key != own.id]
    listed = [one for one in below if not one.placeholder]
    unnamed = len(below) - len(listed)
    apart = [one for one in units.agencies.values() if one.parent_id is None and one.id != own.id and valid(one, today)]
    missing = (
        ""
        if listed
        else gettext("No department and no commune is listed yet. Download the table, fill it in, import it.")
    )
    if apart:
        missing = gettext(
            "%(name)s (%(code)s) does not stand below the province: correct the code of the agency above it.",
            name=text(apart[0].name),
            code=apart[0].code,
        )
    elif unnamed:
        missing = gettext("Cases name agencies that are not in the list: %(number)s.", number=number(unnamed))
    return StartStep(
        "agencies",
        gettext("Units"),
        gettext(
            "Figures are told by unit, and each unit sees its own; so the departments and communes are listed first."
        ),
        ngettext(
            "%(number)s agency below the province.",
            "%(number)s agencies below the province.",
            len(listed),
            number=number(len(listed)),
        ),
        missing,
        (
            Way(gettext("Import agencies"), "imports.show", {"kind": "agencies"}),
            Way(gettext("Download the table of agencies"), "imports.table", {"kind": "agencies"}),
        ),
    )


def procedures_step(session: Session, today: dt.date) -> StartStep:
    """Return whether any procedure is listed."""
    count = len(procedures.in_force(session, today))
    return StartStep(
        "procedures",
        gettext("Procedures"),
        gettext("People rate a procedure, so its code and name must be known before its cases come."),
        ngettext("%(number)s procedure.", "%(number)s procedures.", count, number=number(count)),
        "" if count else gettext("No procedure is listed yet. Download the table, fill it in, import it."),
        (
            Way(gettext("Import procedures"), "imports.show", {"kind": "procedures"}),
            Way(gettext("Download the table of procedures"), "imports.table", {"kind": "procedures"}),
        ),
    )


def accounts_step(session: Session, at: dt.datetime) -> StartStep:
    """Return how many people have accounts, and whether two can agree on what one must not do alone."""
    units, own = agencies.tree(session), agencies.root(session)
    good = list(session.scalars(sa.select(Staff).where(Staff.enabled)))
    top = [one for one in good if one.role == Role.ADMINISTRATOR and units.named_now(one.agency_id).id == own.id]
    waits = sa.select(sa.func.count()).select_from(AccountLink)
    waiting = session.scalar(waits.where(AccountLink.ended_at.is_(None), AccountLink.expires_at > at)) or 0
    standing = gettext(
        "Administrators of the province: %(top)s; other accounts: %(others)s; unused invitations: %(waiting)s.",
        top=number(len(top)),
        others=number(len(good) - len(top)),
        waiting=number(waiting),
    )
    missing = gettext(
        "A second administrator: what gives or takes the rights of one is agreed on by two, and if you cannot come, "
        "somebody still can."
    )
    return StartStep(
        "accounts",
        gettext("Accounts"),
        gettext(
            "Each person has an own account, so that everybody sees what is theirs and all that is done bears a name."
        ),
        standing,
        "" if len(top) >= ADMINISTRATORS else missing,
        (Way(gettext("Invite a person"), "account_invitations.new"), Way(gettext("See all accounts"), "accounts.show")),
    )


def questionnaire_step(session: Session, settings: Settings) -> StartStep:
    """Return what is asked."""
    asked = questionnaires.all_asked_now(session)
    names = ", ".join(f"{text(one.title)} ({one.version})" for one in asked.values())
    drafted = session.scalar(
        sa.select(QuestionnaireVersion.id).where(QuestionnaireVersion.status == VersionStatus.DRAFT).limit(1)
    )
    open_draft = gettext("No questionnaire is published yet. Look at the draft and publish it.")
    none = gettext("No questionnaire is published yet. Take over the ready-made ones, look at them and publish them.")
    return StartStep(
        "questionnaire",
        gettext("Questionnaire"),
        gettext("What people are asked, in Vietnamese and English; nobody can answer before one is published."),
        gettext("Asked now: %(names)s.", names=names) if names else gettext("Nothing is asked yet."),
        "" if settings.questionnaire in asked else (open_draft if drafted else none),
        (Way(gettext("Go to the questionnaires"), "questionnaires.show"),),
    )
