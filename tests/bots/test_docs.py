"""docs/bots.md: its examples run in their order, its figures are the settings', and it names what there is."""

import re

import pytest
from django.conf import settings

from games.protocol import CloseCode
from lobby.models import User
from tests.support.servers import ROOT, ServerProcess

TEXT = (ROOT / "docs" / "bots.md").read_text()


def test_the_examples_run(transactional_db: None, uvicorn_server: ServerProcess) -> None:
    User.objects.create_user("alice", password="correct horse 1")
    examples = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(examples) >= 6
    names: dict[str, object] = {"URL": uvicorn_server.url}
    for example in examples:
        exec(compile(example, "docs/bots.md", "exec"), names)
    names["api"].close()  # type: ignore[attr-defined]  # the client of the first example


@pytest.mark.parametrize(
    "said",
    [
        f"{settings.PLAYER_MESSAGES[0]} in 20 s for a participant",
        f"{settings.SPECTATOR_MESSAGES[0]} for a spectator",
        f"{settings.LOBBY_MESSAGES[0]} in the lobby",
        f"{settings.GAMES_PER_USER_PER_HOUR} an hour, {settings.WAITING_GAMES_PER_USER} waiting at once",
        f"{settings.SOCKETS_PER_USER} for each account, {settings.SOCKETS_PER_ADDRESS} for each address without one",
        f"{settings.HANDSHAKES_PER_USER_PER_MINUTE} a minute for each account",
        f"{settings.HANDSHAKES_PER_ADDRESS_PER_MINUTE} a minute from one address without one",
        f"{settings.UNKNOWN_IDS_PER_MINUTE} a minute",
        f"refused for {settings.SIGN_IN_LOCK_MINUTES} minutes",
    ],
)
def test_the_figures_are_the_settings(said: str) -> None:
    assert said in " ".join(TEXT.split())


@pytest.mark.parametrize(
    "code", [code for code in CloseCode if code not in (CloseCode.MESSAGE_TOO_BIG, CloseCode.TRY_AGAIN)]
)
def test_every_close_code_with_an_advice_of_its_own_is_named(code: CloseCode) -> None:
    assert str(code.value) in TEXT


def test_the_bot_is_linked() -> None:
    assert "examples/bot.py" in TEXT
