"""A real IMAP server on this machine that knows what reading a mailbox takes, and holds to it."""

from __future__ import annotations

import re
import socketserver
import threading
from email import message_from_bytes
from typing import Self


class ImapServer:
    """One folder, INBOX, of the account khaosat: `mails` and which of them are `seen`."""

    def __init__(self, *mails: bytes) -> None:
        self.mails, self.seen = list(mails), set[int]()
        imap = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                while line := self.rfile.readline():
                    tag, _, command = line.strip().partition(b" ")
                    for reply in imap.reply(command.decode()):
                        self.wfile.write(reply if reply.startswith(b"* ") else tag + b" " + reply)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"imap://khaosat@127.0.0.1:{self.server.server_address[1]}/INBOX"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def reply(self, command: str) -> list[bytes]:
        """Return the lines that answer a command; the last one gets the command's tag."""
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1\r\n", b"OK done\r\n"]
        if command.startswith("LOGIN"):
            return [b"OK done\r\n"] if command == 'LOGIN khaosat "open sesame"' else [b"NO wrong password\r\n"]
        if command == 'SELECT "INBOX"':
            return [b"* %d EXISTS\r\n" % len(self.mails), b"OK [READ-WRITE]\r\n"]
        if command == 'UID SEARCH UNSEEN HEADER Content-Type "delivery-status"':
            numbers = [
                number for number, mail in enumerate(self.mails, 1) if number not in self.seen and _is_report(mail)
            ]
            return [b"* SEARCH" + b"".join(b" %d" % number for number in numbers) + b"\r\n", b"OK done\r\n"]
        if match := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]\)", command):
            mail = self.mails[int(match[1]) - 1]
            head = b"* %s FETCH (UID %s BODY[] {%d}\r\n" % (match[1].encode(), match[1].encode(), len(mail))
            return [head + mail + b")\r\n", b"OK done\r\n"]
        if match := re.fullmatch(r"UID STORE (\d+) \+FLAGS \(?\\Seen\)?", command):
            self.seen.add(int(match[1]))
            return [b"OK done\r\n"]
        if command == "LOGOUT":
            return [b"* BYE\r\n", b"OK done\r\n"]
        return [b"BAD unknown\r\n"]


def _is_report(mail: bytes) -> bool:
    return "delivery-status" in str(message_from_bytes(mail)["Content-Type"])
