"""The featured game: which one it is, how lobbies hear of it, and that another takes its place."""

import asyncio
from typing import Any

import pytest

from games.models import Game
from games.protocol import Resign
from games.runtime import Runtime
from lobby.live_list import featured, listing
from lobby.live_list.featured import pick
from lobby.live_list.hub import Hub
from lobby.live_list.survey import PLAYING
from lobby.models import User
from tests.support.lobbies import heard, in_a_loop, listening, play
from tests.support.site import at, running_game
from tests.support.stored_games import player

pytestmark = pytest.mark.django_db(transaction=True)


def rated(first: User, second: User, *ratings: int, provisional: bool = False, **fields: Any) -> Game:
    """A rated game that is being played."""
    return running_game(
        first, second, rated=True, rating1=ratings[0], rating2=ratings[1], provisional1=provisional, provisional2=False,
        notation="12", **fields,
    )  # fmt: skip


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds takes none."""
    monkeypatch.setattr(featured, "ENDED_FOR", 0.0)
    monkeypatch.setattr(featured, "CHOSEN_EVERY", 0.0)


def test_the_strongest_come_first_then_the_most_watched_then_the_newest(alice: User, bob: User) -> None:
    old, new = running_game(alice, bob), running_game(alice, bob)
    strong, stronger = rated(alice, bob, 1600, 1500), rated(alice, bob, 1550, 1551)
    guess = rated(alice, bob, 2400, 2400, provisional=True)
    everything = [game.pk for game in (old, new, strong, stronger, guess)]
    assert pick(everything, {old.pk: 9}) == stronger.pk
    assert pick(everything, {}, but_for=stronger.pk) == strong.pk
    assert pick([old.pk, new.pk], {old.pk: 2, new.pk: 1}) == old.pk
    assert pick([old.pk, new.pk], {}) == new.pk
    assert pick([old.pk], {}, but_for=old.pk) == old.pk, "the only one"
    Game.objects.filter(pk=old.pk).update(state="finished", reason="agreement", end_time=old.start_time)
    assert pick([old.pk], {}) is None
    assert pick([], {}) is None


def test_a_lobby_shows_it_and_moves_on_when_it_ends(alice: User, bob: User, soon: None) -> None:
    best, next_best = rated(alice, bob, 1800, 1700), rated(alice, bob, 1500, 1500)

    async def story() -> None:
        hub = Hub.here()
        listener = hub.join(None)
        await hub.admit(listener)
        shown = (await heard(listener, "lobby_snapshot"))["featured"] or (await heard(listener, "featured"))["game"]
        assert shown["id"] == best.pk
        await Runtime.here().registry.run(best.pk, bob.pk, Resign())
        ended = (await heard(listener, "featured"))["game"]
        assert (ended["id"], ended["state"], ended["outcome"]["winner"]) == (best.pk, "finished", 1)
        assert (await heard(listener, "featured"))["game"]["id"] == next_best.pk
        await Runtime.here().registry.run(next_best.pk, bob.pk, Resign())
        assert (await heard(listener, "featured"))["game"]["state"] == "finished"
        assert (await heard(listener, "featured"))["game"] is None
        listener.leave()

    in_a_loop(story)


def test_a_game_that_is_in_no_list_is_followed(
    alice: User, bob: User, soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PLAYING, "most", 2)
    best = rated(alice, bob, 1800, 1700)
    for name in ("eve", "fay", "gus"):
        running_game(alice, player(name).user)  # newer

    async def story() -> None:
        async with listening(None) as listener:
            hub = Hub.here()
            while hub.snapshot(None).featured is None:
                await asyncio.sleep(0.05)
            snapshot = hub.snapshot(None)
            assert snapshot.featured is not None
            assert snapshot.featured.id == best.pk
            assert best.pk not in [game.id for game in snapshot.playing]
            await play(alice, best.pk, 3, 3)
            while (message := await heard(listener, "featured"))["game"]["moves"] != [0, 1, 3]:
                pass
            assert message["game"]["id"] == best.pk

    in_a_loop(story)


def test_one_look_serves_all_lobbies_and_is_not_repeated(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = rated(alice, bob, 1800, 1700)
    looks: list[int] = []

    def counted(*args: Any, **options: Any) -> str | None:
        looks.append(len(args[0]))
        return pick(*args, **options)

    monkeypatch.setattr(listing, "pick", counted)
    monkeypatch.setattr(featured, "CHOSEN_EVERY", 0.0)

    async def story() -> None:
        hub = Hub.here()
        listeners = [hub.join(None) for _ in range(20)]
        for listener in listeners:
            await hub.admit(listener)
        while hub.snapshot(None).featured is None:
            await asyncio.sleep(0.05)
        found = len(looks)
        flushes = hub.flushes
        for ply in range(3, 6):
            await play((bob, alice)[ply % 2], best.pk, 3, ply)
            while hub.flushes == flushes:
                await asyncio.sleep(0.05)
            flushes = hub.flushes
        assert len(looks) == found, "while the game goes on nobody looks for another"
        for listener in listeners:
            listener.leave()

    in_a_loop(story)


def test_the_page_shows_it_to_all_but_those_who_play(alice: User, bob: User, charlie: User) -> None:
    best = rated(alice, bob, 1800, 1700)
    for user in (None, charlie):
        page = at(user).get("/")
        assert page.context["featured"].id == best.pk
        assert f'data-featured data-game="{best.pk}" aria' in page.content.decode()
    assert at(alice).get("/").context["featured"] is None
