"""The tables by noun: columns, constraints, relations; no behaviour."""

from survey.models.account_link import AccountLink, LinkPurpose
from survey.models.account_review import AccountReview
from survey.models.agency import Agency, DeliveryLevel, Installation, Level, Procedure
from survey.models.alert import Alert, AlertChoice, AlertKind, AlertReading, Frequency
from survey.models.api_key import ApiKey
from survey.models.apology import Apology, ApologyStatus
from survey.models.audit_entry import AuditEntry
from survey.models.base import Base, Texts
from survey.models.call_back import (
    CallBackCase,
    CallBackDesign,
    CallBackNumber,
    CallBackStage,
    CallBackStratum,
    CallBackTry,
    CallOutcome,
)
from survey.models.case import (
    INTERVIEWED,
    Case,
    CaseOutcome,
    Channel,
    Filing,
    Invitation,
    Placement,
    Respondent,
    Timeliness,
    Withdrawal,
)
from survey.models.daily_count import (
    ChangedDay,
    CountedPart,
    CountedSpan,
    DailyCell,
    DailyChoice,
    DailyCohort,
    DailyRating,
)
from survey.models.dead_address import DeadAddress
from survey.models.delivery import AddressKind, Delivery, MessageKind, Reason, State, Transition
from survey.models.duty import Duty, DutyDraft, DutySpan
from survey.models.earlier_system import EarlierCount, EarlierSystem
from survey.models.exclusion import ExcludedAnswer, Exclusion, ExclusionDecision, ExclusionKind, ExclusionReason
from survey.models.follow_up import FollowUp, FollowUpStatus, FollowUpStep, MovedDay
from survey.models.idempotent_request import IdempotentRequest
from survey.models.identity import Identity
from survey.models.improvement import Improvement, ImprovementStatus, ImprovementStep
from survey.models.issued_report import Edition, IssuedReport
from survey.models.issuing import IssuingVersion
from survey.models.job import Job, JobKind, JobState
from survey.models.ledger import (
    LedgerCheckpoint,
    LedgerCosignature,
    LedgerEntry,
    LedgerEvent,
    LedgerSubtree,
    LedgerWitness,
)
from survey.models.paired_request import PairedAct, PairedRequest
from survey.models.period import ClosedPeriod, FrozenCell, FrozenCohort, FrozenCoverage, UnlinkedCrossing
from survey.models.person_request import PersonRequest, PersonRequestKind
from survey.models.portal_count import PortalCount
from survey.models.privacy_notice import PrivacyNotice, PrivacyPage
from survey.models.publication import Publication
from survey.models.questionnaire import QuestionnaireVersion, VersionStatus
from survey.models.quota import Quota
from survey.models.reply_contact import ReplyContact, ReplyStage
from survey.models.report_comment import ReportComment
from survey.models.request_count import RequestCount
from survey.models.response import NO_OPINION, SLOTS, Comment, Response
from survey.models.second_factor import Authenticator, FactorReset, Passkey, RecoveryCode
from survey.models.sign_in_failure import SignInFailure
from survey.models.staff import Role, Staff, StaffSession
from survey.models.target import StoredTarget
from survey.models.task import SubjectKind, Task, TaskStatus, TaskStep
from survey.models.theme import StoredTheme
from survey.models.webhook import Webhook

__all__ = [
    "INTERVIEWED",
    "NO_OPINION",
    "SLOTS",
    "AccountLink",
    "AccountReview",
    "AddressKind",
    "Agency",
    "Alert",
    "AlertChoice",
    "AlertKind",
    "AlertReading",
    "ApiKey",
    "Apology",
    "ApologyStatus",
    "AuditEntry",
    "Authenticator",
    "Base",
    "CallBackCase",
    "CallBackDesign",
    "CallBackNumber",
    "CallBackStage",
    "CallBackStratum",
    "CallBackTry",
    "CallOutcome",
    "Case",
    "CaseOutcome",
    "ChangedDay",
    "Channel",
    "ClosedPeriod",
    "Comment",
    "CountedPart",
    "CountedSpan",
    "DailyCell",
    "DailyChoice",
    "DailyCohort",
    "DailyRating",
    "DeadAddress",
    "Delivery",
    "DeliveryLevel",
    "Duty",
    "DutyDraft",
    "DutySpan",
    "EarlierCount",
    "EarlierSystem",
    "Edition",
    "ExcludedAnswer",
    "Exclusion",
    "ExclusionDecision",
    "ExclusionKind",
    "ExclusionReason",
    "FactorReset",
    "Filing",
    "FollowUp",
    "FollowUpStatus",
    "FollowUpStep",
    "Frequency",
    "FrozenCell",
    "FrozenCohort",
    "FrozenCoverage",
    "IdempotentRequest",
    "Identity",
    "Improvement",
    "ImprovementStatus",
    "ImprovementStep",
    "Installation",
    "Invitation",
    "IssuedReport",
    "IssuingVersion",
    "Job",
    "JobKind",
    "JobState",
    "LedgerCheckpoint",
    "LedgerCosignature",
    "LedgerEntry",
    "LedgerEvent",
    "LedgerSubtree",
    "LedgerWitness",
    "Level",
    "LinkPurpose",
    "MessageKind",
    "MovedDay",
    "PairedAct",
    "PairedRequest",
    "Passkey",
    "PersonRequest",
    "PersonRequestKind",
    "Placement",
    "PortalCount",
    "PrivacyNotice",
    "PrivacyPage",
    "Procedure",
    "Publication",
    "QuestionnaireVersion",
    "Quota",
    "Reason",
    "RecoveryCode",
    "ReplyContact",
    "ReplyStage",
    "ReportComment",
    "RequestCount",
    "Respondent",
    "Response",
    "Role",
    "SignInFailure",
    "Staff",
    "StaffSession",
    "State",
    "StoredTarget",
    "StoredTheme",
    "SubjectKind",
    "Task",
    "TaskStatus",
    "TaskStep",
    "Texts",
    "Timeliness",
    "Transition",
    "UnlinkedCrossing",
    "VersionStatus",
    "Webhook",
    "Withdrawal",
]
