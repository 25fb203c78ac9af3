"""Letters, sent in the background: how long an answer takes doesn't tell whether a letter was sent.

One thread of a process sends, from a bounded queue. What can't be sent is logged and given up: whoever waits for a
letter asks again.
"""

import atexit
import logging
import queue
import smtplib
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import connections
from django.template.loader import render_to_string

from games.access.quotas import Busy
from games.logs import reason_of

log = logging.getLogger("fourline.mail")

WAITING = 100
"""Letters that may wait; a mail server that doesn't answer takes 10 s for each."""
RETRY_AFTER = 60.0
"""Seconds after which whoever was turned away is told to try again."""
FINISH_WITHIN = 2.0
"""Seconds that a process that ends has for the letters that wait."""

Work = Callable[[], None]


class PostOffice:
    """Does work in one thread of its own, in order.

    Args:
        waiting: how much of it may wait.
    """

    def __init__(self, waiting: int = WAITING) -> None:
        self._work: queue.Queue[Work] = queue.Queue(waiting)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def take(self, work: Work) -> None:
        """Have something done, soon.

        Args:
            work: reads the database and sends letters as it likes.

        Raises:
            Busy: too much waits already.
        """
        try:
            self._work.put_nowait(work)
        except queue.Full:
            raise Busy("Many letters are waiting to be sent.", RETRY_AFTER) from None
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                # A process that ends must not wait for a mail server.
                self._thread = threading.Thread(target=self._run, name="fourline-letters", daemon=True)
                self._thread.start()

    def finish(self, within: float) -> bool:
        """Wait until all is done.

        Args:
            within: seconds.

        Returns:
            Whether it is.
        """
        end = time.monotonic() + within
        while self._work.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.01)
        return not self._work.unfinished_tasks

    def _run(self) -> None:
        while True:
            work = self._work.get()
            try:
                work()
            except Exception as error:  # Whatever one letter fails by, the next is to be sent.
                log.error("a letter could not be sent: %s", _reason(error))
            finally:
                connections.close_all()
                self._work.task_done()


def _reason(error: Exception) -> str:
    """What the log says: no address of anybody's, which a mail server likes to quote."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__}, {error.smtp_code}"
    return type(error).__name__ if isinstance(error, smtplib.SMTPException) else reason_of(error)


post_office = PostOffice()
"""This process's."""
atexit.register(lambda: post_office.finish(FINISH_WITHIN))


def can_be_sent() -> bool:
    """Whether letters go anywhere: to a mail server, with links to ``PUBLIC_URL``; or to the console, under DEBUG."""
    return settings.DEBUG or (settings.HAS_MAIL_SERVER and bool(settings.PUBLIC_URL))


def link(path: str) -> str:
    """An address of the site for a letter, of the settings alone: a request's Host is whatever its sender likes."""
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL}{path}"
    host = "localhost" if settings.HOST in ("0.0.0.0", "::") else settings.HOST  # noqa: S104  compared, not listened on
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}{path}"


def send(template: str, recipient: str, **context: Any) -> None:
    """Send a letter, now; for the thread of the `PostOffice`.

    Args:
        template: its file in ``templates/letters``; the first line is the subject.
        recipient: an e-mail address.
        context: for the template, besides ``site``, the host of the site.

    Raises:
        OSError: the mail server doesn't take it.
    """
    site = link("").partition("://")[2]
    subject, _, text = render_to_string(f"letters/{template}", {"site": site, **context}).partition("\n")
    send_mail(subject, text.lstrip("\n"), None, [recipient])
