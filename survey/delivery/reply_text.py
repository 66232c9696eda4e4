"""What the answer to a comment says on its way to whoever asked for it: nothing that tells who that is."""

from __future__ import annotations

import textwrap

from survey.delivery.replies import ClaimedReply
from survey.i18n import gettext, text

IN_SHORT = 160  # signs of the answer that a text message holds; its link leads to the whole


def link(public_url: str, reply: ClaimedReply) -> str:
    """Return where the answer can be read beside the own words."""
    return f"{public_url}/receipt/{reply.code}"


def subject() -> str:
    """Return the subject, in the language in use."""
    return str(gettext("The answer to your comment"))


def body(reply: ClaimedReply, address: str, public_url: str) -> str:
    """Return an e-mail in the language in use."""
    parts = (
        gettext("Dear Sir or Madam,"),
        gettext(
            "You wrote a comment on a public service of %(province)s and asked for an answer. The unit answers:",
            province=text(reply.province),
        ),
        reply.answer,
        gettext("Under this link you can read it beside your own words; please keep it to yourself:"),
        address,
        gettext("We have now erased the address to which this message went. It is the only one; please do not reply."),
        gettext(
            "The true link begins with %(address)s. We never ask for money, passwords or codes.", address=public_url
        ),
        text(reply.province),
    )
    return "\n\n".join(parts)


def short(reply: ClaimedReply, address: str) -> str:
    """Return a text message in the language in use."""
    answer = textwrap.shorten(reply.answer, IN_SHORT, placeholder=" …")
    values = {"province": text(reply.province), "answer": answer, "link": address}
    return str(gettext("%(province)s answers your comment: %(answer)s More: %(link)s", **values))
