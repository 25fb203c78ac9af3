"""A mail server that a test starts."""

import email
import email.policy
import socketserver
import time

SLOW = 1.5
"""Seconds that the mail server takes for each letter."""


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as smtplib does, slowly; refuses whoever is at ``refused.example``."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.letters: list[str] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def wait(self, count: int) -> list[str]:
        """The letters, once there are so many."""
        end = time.monotonic() + 20
        while len(self.letters) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.letters


class _Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 mail.example\r\n")
        while line := self.rfile.readline().decode():
            verb = line[:4].upper()
            if verb == "DATA":
                self.wfile.write(b"354 go on\r\n")
                self._take()
            elif verb == "RCPT" and "refused.example" in line:
                self.wfile.write(f"550 no such mailbox {line.strip()}\r\n".encode())
            else:
                self.wfile.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
            if verb == "QUIT":
                return

    def _take(self) -> None:
        lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
        letter = email.message_from_string("".join(lines), policy=email.policy.default)
        time.sleep(SLOW)
        self.wfile.write(b"250 taken\r\n")
        self.server.letters.append(str(letter.get_content()))
