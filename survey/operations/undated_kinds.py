"""What is kept until something ends it that is no length of time, or always: said beside what ends by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Undated:
    """Data that no clock of `retention_kinds` ends: until when they are kept, why, where they are stored if with us."""

    data: str
    until: str
    reason: str
    tables: tuple[str, ...] = ()


UNDATED = (
    Undated(
        "Contact addresses of invitations and reminders, sealed",
        "until it is sent, refused or given up, at most 7 days",
        "They are needed to send; erased with each step of the queue",
    ),
    Undated(
        "Addresses that people left to be answered at, sealed",
        "until the answer is sent, the comment closed or the link cut; at most `HAILONG_REPLY_DAYS`",
        "The person agreed to it; erased with each step of the queue",
        ("reply_contact",),
    ),
    Undated(
        "Files handed in for import",
        "until their import has ended",
        "They are needed to import; erased within the hour",
    ),
    Undated(
        "Which answer belongs to which case",
        "until the period is closed and nobody can change an answer (see “When links are cut”)",
        "Corrections of a case move its answer",
    ),
    Undated(
        "Answers without names, and redacted comments",
        "a comment until its person asks for it to be erased",
        "Figures and reports are counted from them",
        ("response", "comment"),
    ),
    Undated(
        "What offices did about comments: who, how it stands, notes, answers",
        "until the comment is erased; days, and who took which step, until its answer's link to its case is cut",
        "The person reads the answer, and reports count what was dealt with",
        ("follow_up", "follow_up_step"),
    ),
    Undated(
        "What offices tell everybody about what people said and what was done: who wrote and decided, and each wording",
        "–",
        "It was public, and the steps show who approved it; names and numbers of citizens are refused",
        ("improvement", "improvement_step"),
    ),
    Undated(
        "Tasks that officials made from figures: who, until when, notes, results",
        "–",
        "They stand beside the figures of the periods that follow; no word of a citizen is in them",
        ("task", "task_step"),
    ),
    Undated(
        "Letters of apology: about which case, who decided, own words and reasons, without the address",
        "–",
        "Nobody gets two, and it can be shown that late cases were apologised for; names and numbers are refused",
        ("apology",),
    ),
    Undated(
        "Call-backs: design, seed, results; of each call its outcome, the rating or who had answered, who called, when",
        "which case was called, and the frame with its salt, until the call-back is finished, at most 45 days",
        "The draw and the figures can be checked; afterwards nothing tells who was called",
        ("call_back", "call_back_case", "call_back_try"),
    ),
    Undated(
        "Letters of apology in the queue, sealed with their address",
        "until it is sent, refused or given up, at most 7 days",
        "They are needed to send; erased with each step of the queue",
    ),
    Undated(
        "Finished cases, their codes as keyed hashes, and that they were invited",
        "–",
        "One counted answer per case, and figures of who was asked",
        ("case", "invitation", "withdrawal"),
    ),
    Undated(
        "Figures of closed periods",
        "–",
        "Reports that were issued rest on them",
        ("closed_period", "frozen_cell", "frozen_cohort", "frozen_coverage", "unlinked_crossing"),
    ),
    Undated(
        "Counts of days that are over, by unit and by procedure or kind of respondent",
        "until the day is counted anew; those of days whose links are cut are erased with the links",
        "Open periods are shown from them; they can be made again from the answers at any time",
        ("counted_span", "changed_day", "daily_cell", "daily_choice", "daily_cohort", "daily_rating"),
    ),
    Undated(
        "Counts of the national portal by agency and period, and quotas of answers",
        "until a later file or plan corrects them",
        "The figures that a province owes are told from them; no word of a citizen is in them",
        ("portal_count", "quota"),
    ),
    Undated(
        "Figures of earlier systems: counts by agency and period, their source, who imported them",
        "– (withdrawn, not erased)",
        "They are history, shown apart; no answer of a person is in them",
        ("earlier_system", "earlier_count"),
    ),
    Undated(
        "Register of issued reports: number, date, who entered it, what tells the file and its figures",
        "–",
        "Whoever holds a report can check it against the register; the file itself is not kept",
        ("issued_report",),
    ),
    Undated(
        "Results of closed periods as they were published or retracted: by whom, when, why",
        "–",
        "They were public; whoever has a copy can compare it",
        ("publication",),
    ),
    Undated(
        "Calendar of duties, and when the drafts of reports were made",
        "until the province changes it",
        "No personal data; it says what is to be handed in until when",
        ("duty", "duty_draft"),
    ),
    Undated(
        "Questionnaires with their drafts, QR codes, themes, agencies, procedures, moved days",
        "until somebody discards a draft or saves a list anew",
        "No personal data; answers name them",
        ("questionnaire", "placement", "theme", "agency", "procedure", "installation", "moved_day"),
    ),
    Undated(
        "Targets, from which day they hold, by whose decision, and who entered them",
        "–",
        "Verdicts rest on them",
        ("target",),
    ),
    Undated(
        "Which comments were chosen for a report, by whom and when",
        "until the comment is erased; by whom and when until its answer's link to its case is cut",
        "Reports quote them",
        ("report_comment",),
    ),
    Undated(
        "What agencies write on their reports: who signs, who receives them, and who entered it, by version",
        "–",
        "Reports that were issued carry it",
        ("issuing",),
    ),
    Undated(
        "What pages told citizens about their data, by version",
        "–",
        "No personal data; answers name them",
        ("privacy_notice",),
    ),
    Undated(
        "Which answers were left out of the count or counted again: by whom, why",
        "–",
        "Figures with and without them are told in every report",
        ("exclusion", "excluded_answer", "exclusion_decision"),
    ),
    Undated(
        "The public ledger: days, channels, hashes; no answer, name or number",
        "–",
        "Anybody can check that no answer was changed, removed or added",
        ("ledger_event", "ledger_entry", "ledger_subtree", "ledger_checkpoint", "ledger_cosignature"),
    ),
    Undated(
        "Witnesses of the ledger: bodies, their addresses and public keys",
        "– (removed ones, too)",
        "Their signatures stay in the ledger",
        ("ledger_witness",),
    ),
    Undated(
        "Accounts of officials and who confirmed each of them last, keys of programs, webhooks",
        "– (disabled, not erased)",
        "The audit trail names them",
        ("staff", "account_review", "api_key", "webhook"),
    ),
    Undated(
        "Who officials are at providers of single sign-on: issuer, subject, when they came last",
        "until an account is no longer tied",
        "Nobody else is taken for them",
        ("identity",),
    ),
    Undated(
        "Second factors of officials: keys of apps, sealed; public keys of passkeys; recovery codes as hashes",
        "until they are removed or used",
        "Nobody signs in with a stolen password alone",
        ("authenticator", "passkey", "recovery_code"),
    ),
    Undated(
        "E-mail addresses of officials, sealed, and which alerts they are told of",
        "until they empty or change them",
        "They want to be told",
        ("alert_choice",),
    ),
    Undated(
        "Notices to officials, sealed with their address",
        "until it is sent, refused or given up, at most 3 days",
        "They are needed to send; erased with each step of the queue",
    ),
    Undated(
        "When officials were told of an alert, or saw it",
        "until the alert is erased",
        "Nobody is told twice within a week",
        ("alert_reading",),
    ),
    Undated(
        "Logs of the processes, without words, names or addresses of citizens",
        "as the machine's journal is set (for example `MaxRetentionSec=` of journald)",
        "To find faults; they are written to the standard error and are the operator's",
    ),
)
