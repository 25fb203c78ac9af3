"""Questions of many callers, asked of the store together: what comes while some are being asked goes with the next.

A question costs a query, and a hand-over to a thread and back for which the thread and a busy event loop wait for each
other. After a restart thousands of connections ask the same two (who is this, where does this game stand) at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from games.protocol import GameError
from games.storage.reader import Ask

AT_ONCE = 40
"""Questions asked together: an answer is a matter of a few milliseconds then."""

Q = TypeVar("Q")
A = TypeVar("A")


class Together(Generic[Q, A]):
    """One kind of question, for one event loop.

    Args:
        ask: reads the store, as `games.storage.reader.Reader.ask` does.
        answer: answers questions, in their order; an exception in place of an answer is raised to its caller.
    """

    def __init__(self, ask: Ask, answer: Callable[[list[Q]], list[A | Exception]]) -> None:
        self._ask_store = ask
        self._answer = answer
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer to a question.

        Raises:
            GameError: ``try_again``, the store doesn't answer; or what this question's answer is.
        """
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask_all())
        return await answer

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._ask(some)
        finally:
            self._asking = None

    async def _ask(self, some: list[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._ask_store(self._answer, [question for question, _ in some])
        except BaseException as error:
            # The store is away. Callers that came meanwhile have waited as long already, so they are refused too.
            refused, self._waiting = some + self._waiting, []
            _settle(refused, [error if isinstance(error, GameError) else _cancelled(error)] * len(refused))
            if not isinstance(error, Exception):
                raise
        else:
            _settle(some, answers)


def _cancelled(error: BaseException) -> Exception:
    return error if isinstance(error, Exception) else TimeoutError()


def _settle(asked: list[tuple[Q, asyncio.Future[A]]], answers: Sequence[A | Exception]) -> None:
    for (_, caller), answer in zip(asked, answers, strict=True):
        if caller.done():
            continue  # it has gone
        if isinstance(answer, Exception):
            caller.set_exception(answer)
        else:
            caller.set_result(answer)
