"""What can be on record: the closed list of acts, each with its words for people."""

from __future__ import annotations

import enum
from typing import Self

from survey.i18n import gettext, msgid


class Act(enum.StrEnum):
    """One kind of entry in the record, spelt `noun.verb`; `words` says it.

    The spelling is stored: to change one takes a migration.
    """

    message: str

    def __new__(cls, spelling: str, message: str) -> Self:
        """Make a member of its spelling and its msgid."""
        member = str.__new__(cls, spelling)
        member._value_, member.message = spelling, message
        return member

    AGENCIES_IMPORTED = "agencies.imported", msgid("Agencies imported")
    PROCEDURES_IMPORTED = "procedures.imported", msgid("Procedures imported")
    EARLIER_IMPORTED = "earlier.imported", msgid("Figures of an earlier system imported from a file")
    EARLIER_WITHDRAWN = "earlier.withdrawn", msgid("Figures of an earlier system withdrawn")
    SHEETS_IMPORTED = "sheets.imported", msgid("Answers on paper or by telephone imported from a file")
    CASES_IMPORTED = "cases.imported", msgid("Finished cases imported from a file")
    PORTAL_COUNTS_IMPORTED = "portal_counts.imported", msgid("Counts of the national portal imported")
    QUOTAS_FIXED = "quotas.fixed", msgid("Quotas of answers fixed")
    FIGURES_EXPORTED = "figures.exported", msgid("Other figures downloaded as a file")
    IMPORT_ASKED = "import.asked", msgid("File handed in for import")
    CASES_RECEIVED = "cases.received", msgid("Finished cases received from the portal")
    CASE_WITHDRAWN = "case.withdrawn", msgid("Case withdrawn by the portal")
    CASE_RESTORED = "case.restored", msgid("Withdrawn case given back by the portal")
    INVITATIONS_ISSUED = "invitations.issued", msgid("Invitations issued")

    PLACEMENT_ADDED = "placement.added", msgid("QR code added")
    SHEET_ENTERED = "sheet.entered", msgid("Answer on paper or by telephone put in")
    SHEET_TAKEN_BACK = "sheet.taken_back", msgid("Answer on paper or by telephone taken back")
    PLACEMENT_SWITCHED_ON = "placement.switched_on", msgid("QR code switched on")
    PLACEMENT_SWITCHED_OFF = "placement.switched_off", msgid("QR code switched off")

    QUESTIONNAIRE_DRAFTED = "questionnaire.drafted", msgid("Draft of a questionnaire begun")
    QUESTIONNAIRE_SAVED = "questionnaire.saved", msgid("Draft of a questionnaire saved")
    QUESTIONNAIRE_PUBLISHED = "questionnaire.published", msgid("Questionnaire published")
    QUESTIONNAIRE_DISCARDED = "questionnaire.discarded", msgid("Draft of a questionnaire discarded")

    COMMENTS_EXPORTED = "comments.exported", msgid("Comments downloaded as a file")
    COMMENTS_HANDLED = "comments.handled", msgid("Follow-up of comments changed")
    IMPROVEMENT_SAVED = "improvement.saved", msgid("Public entry on what was done saved as a draft")
    IMPROVEMENT_HANDED_IN = "improvement.handed_in", msgid("Public entry on what was done handed in")
    IMPROVEMENT_TAKEN_BACK = "improvement.taken_back", msgid("Public entry on what was done taken back")
    IMPROVEMENT_PUBLISHED = "improvement.published", msgid("Public entry on what was done published")
    IMPROVEMENT_REFUSED = "improvement.refused", msgid("Public entry on what was done refused")
    IMPROVEMENT_WITHDRAWN = "improvement.withdrawn", msgid("Public entry on what was done withdrawn")
    APOLOGY_WRITTEN = "apology.written", msgid("Own words of a letter of apology changed")
    APOLOGY_APPROVED = "apology.approved", msgid("Letter of apology approved for sending")
    APOLOGY_HANDED_OVER = "apology.handed_over", msgid("Letter of apology handed over on paper")
    APOLOGY_DECLINED = "apology.declined", msgid("Letter of apology declined")
    CALL_BACK_PLANNED = "call_back.planned", msgid("Call-back planned")
    CALL_BACK_DROPPED = "call_back.dropped", msgid("Plan of a call-back dropped")
    CALL_BACK_SEALED = "call_back.sealed", msgid("Design of a call-back sealed")
    CALL_BACK_DRAWN = "call_back.drawn", msgid("Cases of a call-back drawn")
    CALL_BACK_FINISHED = "call_back.finished", msgid("Call-back finished")
    CALL_NUMBER_SHOWN = "call.number_shown", msgid("Telephone number shown for a call")
    CALL_RECORDED = "call.recorded", msgid("Outcome of a call recorded")
    REPLY_QUEUED = "reply.queued", msgid("Answer to a comment handed over for sending")
    MOVED_DAYS_SAVED = "moved_days.saved", msgid("Moved working days saved")
    TARGET_ADDED = "target.added", msgid("Target entered")
    TARGET_ENDED = "target.ended", msgid("Target beside the headline ended")
    TARGET_TAKEN_BACK = "target.taken_back", msgid("Target taken back before it began")
    TASK_ADDED = "task.added", msgid("Task made from a figure")
    TASK_CHANGED = "task.changed", msgid("Task changed")
    THEMES_SAVED = "themes.saved", msgid("Word list of the themes of comments saved")

    EXCLUSION_PROPOSED = "exclusion.proposed", msgid("Exclusion of answers proposed")
    EXCLUSION_AGREED = "exclusion.agreed", msgid("Answers excluded by a second account")
    RESTORATION_PROPOSED = "restoration.proposed", msgid("Counting excluded answers again proposed")
    RESTORATION_AGREED = "restoration.agreed", msgid("Excluded answers counted again")
    EXCLUSION_REFUSED = "exclusion.refused", msgid("Proposal on excluded answers refused or withdrawn")

    PERIOD_CLOSED = "period.closed", msgid("Reporting period closed")
    LINKS_ENDED = "links.ended", msgid("Links between answers and cases cut")
    ISSUING_SAVED = "issuing.saved", msgid("Issuing data of an agency saved")
    REPORT_COMMENTS_CHOSEN = "report_comments.chosen", msgid("Comments chosen for a report")
    REPORT_REQUESTED = "report.requested", msgid("Report asked for")
    DUTY_SAVED = "duty.saved", msgid("Calendar of duties changed")
    PUBLICATION_SWITCHED_ON = "publication.switched_on", msgid("Publication of results switched on")
    PUBLICATION_SWITCHED_OFF = "publication.switched_off", msgid("Publication of results switched off")
    RESULTS_PUBLISHED = "results.published", msgid("Results of a period published")
    RESULTS_RETRACTED = "results.retracted", msgid("Published results of a period retracted")
    REPORT_ISSUED = "report.issued", msgid("Issued report put into the register")

    DATABASE_BACKED_UP = "database.backed_up", msgid("Backup of the database made")
    DATABASE_RESTORED = "database.restored", msgid("Database restored from a backup")

    COMMENT_UNSEALED = "comment.unsealed", msgid("Original of a comment read")
    DATA_ERASED = "data.erased", msgid("Data erased at the end of their time")

    PERSON_REQUEST_ADDED = "person_request.added", msgid("Request about personal data put into the register")
    PERSON_REQUEST_ANSWERED = "person_request.answered", msgid("Request about personal data answered")
    ANSWER_LOOKED_UP = "answer.looked_up", msgid("Answer looked up by its receipt")
    ANSWER_EXPORTED = "answer.exported", msgid("What is kept of an answer downloaded for its person")
    COMMENTS_ERASED = "comments.erased", msgid("Comments erased at their person's request")

    INSTALLATION_STARTED = "installation.started", msgid("First account set up by the link of the server's start")
    PROVINCE_CORRECTED = "province.corrected", msgid("Code or name of the province corrected at the start")
    MESSAGE_TRIED = "message.tried", msgid("Test message queued")
    STAFF_ADDED = "staff.added", msgid("Account added")
    STAFF_INVITED = "staff.invited", msgid("Person invited to an account")
    STAFF_INVITATION_WITHDRAWN = "staff.invitation_withdrawn", msgid("Link to an account withdrawn")
    STAFF_CHANGED = "staff.changed", msgid("Role or unit of an account changed")
    STAFF_REVIEWED = "staff.reviewed", msgid("Account confirmed in the yearly review")
    STAFF_RESUMED = "staff.resumed", msgid("Suspended account resumed")
    STAFF_DISABLED = "staff.disabled", msgid("Account suspended")
    STAFF_PASSWORD_LINK_ISSUED = "staff.password_link_issued", msgid("Link to a new password issued")
    STAFF_PASSWORD_RESET = "staff.password_reset", msgid("Password reset by an administrator")
    STAFF_PASSWORD_CHANGED = "staff.password_changed", msgid("Own password changed")

    FACTOR_ADDED = "factor.added", msgid("Second factor set up")
    FACTOR_REMOVED = "factor.removed", msgid("Second factor removed")
    FACTOR_REFUSED = "factor.refused", msgid("Second factor refused: wrong code or passkey")
    RECOVERY_CODES_MADE = "recovery_codes.made", msgid("New recovery codes made")
    RECOVERY_CODE_USED = "recovery_code.used", msgid("Recovery code used")
    FACTOR_RESET_ASKED = "factor_reset.asked", msgid("Removal of an account's second factors asked for")
    FACTOR_RESET_AGREED = "factor_reset.agreed", msgid("Second factors of an account removed by two administrators")
    FACTOR_RESET_DECLINED = "factor_reset.declined", msgid("Removal of an account's second factors declined")

    STAFF_ADDRESS_CONFIRMED = "staff.address_confirmed", msgid("Own e-mail address confirmed")
    STAFF_ADDRESS_CHANGED = "staff.address_changed", msgid("Own e-mail address or language changed")
    ALERT_CHOICES_CHANGED = "alert_choices.changed", msgid("Choice of alerts by e-mail changed")
    ALERT_SETTLED = "alert.settled", msgid("Alert settled")

    SESSION_STARTED = "session.started", msgid("Signed in")
    SESSION_REFUSED = "session.refused", msgid("Sign-in refused: wrong login or password")
    SESSION_LOCKED = "session.locked", msgid("Sign-in stopped for a time after wrong passwords")
    SESSION_UNLOCKED = "session.unlocked", msgid("Sign-in allowed again by the province")
    SESSION_CONFIRMED = "session.confirmed", msgid("Proved again who is signed in")
    SESSION_REVOKED = "session.revoked", msgid("Signed out on another device")
    SESSION_OTHERS_ENDED = "session.others_ended", msgid("Signed out on all other devices")
    SESSION_ENDED = "session.ended", msgid("Signed out")
    SESSION_ALL_ENDED = "session.all_ended", msgid("Signed out everywhere by an administrator")

    IDENTITY_TIED = "identity.tied", msgid("Account tied to single sign-on")
    IDENTITY_UNTIED = "identity.untied", msgid("Account no longer tied to single sign-on")
    SIGN_ON_REFUSED = "sign_on.refused", msgid("Single sign-on refused")
    SIGN_ON_ENDED = "sign_on.ended", msgid("Signed out by the provider of single sign-on")

    REQUEST_REFUSED = "request.refused", msgid("Request refused")

    PAIRED_REQUEST_ASKED = "paired_request.asked", msgid("Change to an administrator's account asked for")
    PAIRED_REQUEST_AGREED = "paired_request.agreed", msgid("Change to an administrator's account agreed to")
    PAIRED_REQUEST_REFUSED = (
        "paired_request.refused",
        msgid("Change to an administrator's account refused or taken back"),
    )

    AUDIT_TRAIL_EXPORTED = "audit_trail.exported", msgid("Audit trail downloaded as a file")
    COMMAND_EXECUTED = "command.executed", msgid("Command executed on the server")

    API_KEY_ADDED = "api_key.added", msgid("API key added")
    API_KEY_REVOKED = "api_key.revoked", msgid("API key revoked")
    API_KEY_RENEWED = "api_key.renewed", msgid("API key renewed")
    SECRETS_RESEALED = "secrets.resealed", msgid("What is kept sealed was sealed under the new key")
    WEBHOOK_ADDED = "webhook.added", msgid("Webhook added")
    WEBHOOK_REMOVED = "webhook.removed", msgid("Webhook removed")
    WITNESS_ADDED = "witness.added", msgid("Witness of the ledger added")
    WITNESS_REMOVED = "witness.removed", msgid("Witness of the ledger removed")

    @property
    def words(self) -> str:
        """What was done, in the language in use."""
        return str(gettext(self.message))
