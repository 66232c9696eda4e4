"""Reports of failed delivery as mail servers send them (RFC 3464)."""

from __future__ import annotations

from email.message import EmailMessage

FORMS = ("message", "headers", "envelope")


def report(
    sent: EmailMessage, status: str = "5.1.1", action: str = "failed", form: str = "message", recipient: str = ""
) -> bytes:
    """Report on a message that was sent: with it, with its headers, or with no more than its envelope's id."""
    address, message_id = recipient or str(sent["To"]), str(sent["Message-ID"])
    headers = f"From: {sent['From']}\nTo: {sent['To']}\nMessage-ID: {message_id}\nSubject: x\n"
    envelope = f"Original-Envelope-Id: {message_id.strip('<>').partition('@')[0]}\n" if form == "envelope" else ""
    returned = {
        "message": f"Content-Type: message/rfc822\n\n{headers}\nthe text\n",
        "headers": f"Content-Type: text/rfc822-headers\n\n{headers}",
        "envelope": "Content-Type: text/plain\n\nno more is known\n",
    }[form]
    lines = f"""From: MAILER-DAEMON@mx.example.vn (Mail Delivery System)
To: khaosat@example.vn
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

This is a MIME-encapsulated message.

--edge
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--edge
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.vn
{envelope}Arrival-Date: Mon, 5 Oct 2026 09:00:00 +0700 (+07)

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.vn
Diagnostic-Code: smtp; 550 {status} no mailbox here by that name

--edge
{returned}
--edge--
"""
    return lines.replace("\n", "\r\n").encode()


ORDINARY = b"From: an@example.vn\r\nSubject: hello\r\nContent-Type: text/plain\r\n\r\nIs this the right place?\r\n"
