"""Whoever is signed out, deactivated, or has another password loses the connection, and is told why."""

import asyncio

from django.contrib.sessions.models import Session
from django.utils import timezone

from games.models import Game
from tests.support.people import Person, Table
from tests.support.servers import ServerProcess
from tests.support.stories import in_store, story
from tests.support.wire import sign_in


def _sign_out(person: Person) -> None:
    Session.objects.filter(pk=person.session).delete()


def _expire(person: Person) -> None:
    Session.objects.filter(pk=person.session).update(expire_date=timezone.now())


def _deactivate(person: Person) -> None:
    type(person.player.user).objects.filter(pk=person.player.pk).update(is_active=False)


def _change_password(person: Person) -> None:
    type(person.player.user).objects.filter(pk=person.player.pk).update(password="!another")


@story
async def test_the_connection_ends_by_itself(
    server: ServerProcess, game: Game, alice: Person, bob: Person, charlie: Person, dora: Person
) -> None:
    ways = {alice: _sign_out, bob: _expire, charlie: _deactivate, dora: _change_password}
    async with Table(server, game) as table:
        clients = [await table.seat(person) for person in ways]
        witness = await table.seat(Person())
        for person, end_it in ways.items():
            await in_store(end_it)(person)
        for client in clients:
            assert (await client.hear("error"))["code"] == "unauthenticated"
            assert await client.closed() == 4401
        while (presence := await witness.hear("presence"))["spectators"] != 1:
            pass
        assert (presence["participant1"], presence["participant2"]) == (False, False)


@story
async def test_another_session_of_the_same_person_goes_on(
    lone_server: ServerProcess, game: Game, alice: Person
) -> None:
    elsewhere = Person(alice.player, await in_store(sign_in)(alice.player.user))
    async with Table(lone_server, game) as table:
        one, two = await table.seat(alice), await table.seat(elsewhere)
        status = await asyncio.to_thread(alice.post, lone_server, "/accounts/logout/")
        assert status == 302
        assert await one.closed() == 4401
        assert (await two.play(3, 1))["participant"] == 1
