"""What a message says: polite, in every language of the installation, without the case, its procedure or any score."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey.collection import invitations
from survey.delivery import invitation_mail, reply_text
from survey.delivery.invitation_mail import InvitationWords, MailContext, MailPart
from survey.delivery.messages import ClaimedMessage
from survey.delivery.replies import ClaimedReply
from survey.i18n import gettext, instant, msgid, speaking, text
from survey.models import MessageKind, Respondent

ASKED = {
    False: msgid(
        "You recently used a public service of %(province)s. We would be grateful if you told us how satisfied you are."
    ),
    True: msgid(
        "Your business recently used a public service of %(province)s. "
        "We would be grateful if you told us how satisfied it is."
    ),
}
REMINDED = {
    False: msgid(
        "Some days ago we asked for your opinion on a public service of %(province)s that you used. "
        "If you have not found the time yet, we would still be glad to hear from you. This is our only reminder."
    ),
    True: msgid(
        "Some days ago we asked for your opinion on a public service of %(province)s that your business used. "
        "If you have not found the time yet, we would still be glad to hear from you. This is our only reminder."
    ),
}
SHORT = {
    False: msgid("%(province)s kindly asks you to rate the public service you used: %(link)s"),
    True: msgid("%(province)s kindly asks your business to rate the public service it used: %(link)s"),
}
SHORT_REMINDER = {
    False: msgid("%(province)s kindly reminds you to rate the public service you used: %(link)s"),
    True: msgid("%(province)s kindly reminds your business to rate the public service it used: %(link)s"),
}
RULE = "\n\n* * *\n\n"


@dataclass(frozen=True)
class WrittenMessage:
    """One message in words and where it goes: what a carrier takes; `short` has one text per language, for phones."""

    key: str
    queued_at: dt.datetime
    address: str = field(repr=False)
    link: str = field(repr=False)
    sender: str  # who writes, in the default language
    subject: str
    body: str = field(repr=False)
    short: dict[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # beside those of every e-mail
    html: str = field(default="", repr=False)  # the same once more, for mail programs that show it


@dataclass(frozen=True)
class Writer:
    """Who writes: the public address of the installation, its languages, the default first, and what it asks."""

    public_url: str
    languages: Sequence[str]
    context: MailContext = field(default_factory=MailContext)

    def write(self, message: ClaimedMessage | ClaimedReply) -> WrittenMessage:
        """Write one message: the same at every try.

        Whoever is invited gets every language; who asked for an answer, the one in which it was asked for.
        """
        link = self._link(message)
        subjects, bodies, short, parts = [], [], {}, list[MailPart]()
        for language in self._of(message):
            with speaking(language):
                subjects.append(self._subject(message))
                bodies.append(self._body(message, link))
                short[language] = self._short(message, link)
                if isinstance(message, ClaimedMessage):
                    parts.append(invitation_mail.part(language, self._words(message), self.context, link))
        sender, subject = message.province[self.languages[0]], " / ".join(subjects)
        with speaking(self.languages[0]):
            demo = gettext("Demonstration data") if self.context.demo else ""
        return WrittenMessage(
            message.key,
            message.queued_at,
            message.address,
            link,
            sender,
            subject,
            RULE.join(bodies) + "\n",
            short,
            html=invitation_mail.html(parts, sender, subject, demo, link) if parts else "",
        )

    def _of(self, message: ClaimedMessage | ClaimedReply) -> Sequence[str]:
        asked = message.language if isinstance(message, ClaimedReply) else None
        return [language for language in self.languages if language == asked] or self.languages

    def _link(self, message: ClaimedMessage | ClaimedReply) -> str:
        if isinstance(message, ClaimedReply):
            return reply_text.link(self.public_url, message)
        return invitations.address(self.public_url, message.token)

    def _subject(self, message: ClaimedMessage | ClaimedReply) -> str:
        if isinstance(message, ClaimedReply):
            return reply_text.subject()
        if message.kind == MessageKind.REMINDER:
            return str(gettext("A reminder: your opinion on a public service"))
        return str(gettext("Your opinion on a public service"))

    def _body(self, message: ClaimedMessage | ClaimedReply, link: str) -> str:
        if isinstance(message, ClaimedReply):
            return reply_text.body(message, link, self.public_url)
        words = self._words(message)
        asked, end = (words.greeting, words.asked, words.opening), (words.until, words.genuine, words.thanks)
        demo = [gettext("Demonstration data")] if self.context.demo else []
        return "\n\n".join([*demo, *asked, link, *end, words.signature])

    def _words(self, message: ClaimedMessage) -> InvitationWords:
        business = message.respondent == Respondent.BUSINESS
        values = {"province": text(message.province), "until": instant(message.expires_at)}
        asked = REMINDED if message.kind == MessageKind.REMINDER else ASKED
        return InvitationWords(
            greeting=gettext("Dear business owner,") if business else gettext("Dear Sir or Madam,"),
            asked=gettext(asked[business], **values),
            opening=gettext("Please open this link to answer; it takes about one minute:"),
            until=gettext(
                "You can answer, or change your answer, until %(until)s. "
                "Please answer yourself, and do not pass the link on.",
                **values,
            ),
            genuine=gettext(
                "The true link begins with %(address)s. We never ask for money, passwords or codes.",
                address=self.public_url,
            ),
            thanks=gettext("Thank you very much."),
            signature=text(message.province),
        )

    def _short(self, message: ClaimedMessage | ClaimedReply, link: str) -> str:
        if isinstance(message, ClaimedReply):
            return reply_text.short(message, link)
        business = message.respondent == Respondent.BUSINESS
        asked = SHORT_REMINDER if message.kind == MessageKind.REMINDER else SHORT
        return str(gettext(asked[business], province=text(message.province), link=link))
