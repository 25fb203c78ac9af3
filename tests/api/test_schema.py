"""The schemas say what the server does: held to the code, and to what it answers to thousands of invented calls."""

from collections.abc import Iterator
from typing import Any

import msgspec.inspect
import pytest
import schemathesis
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from rest_framework import serializers
from schemathesis.checks import CHECKS, load_all_checks

from games import protocol
from games.api import answers, asyncapi
from games.protocol import Command, Event
from tests.support.callers import Caller
from tests.support.servers import ServerProcess, running
from tests.support.soak import IS_WHOLE
from tests.support.stored_games import ALICE_WINS, store_finished, store_game

EXAMPLES = 100 if IS_WHOLE else 12
"""Invented calls for each kind of call."""


def test_the_kept_schemas_are_current() -> None:
    call_command("schemas", check=True)


def test_every_command_and_event_is_described() -> None:
    def leaves(kind: type) -> set[type]:
        return set().union(*map(leaves, kind.__subclasses__())) or {kind}

    described = {*asyncapi.GAME_COMMANDS, *asyncapi.LOBBY_COMMANDS, *asyncapi.GAME_EVENTS, *asyncapi.LOBBY_EVENTS}
    assert leaves(Command) | leaves(Event) == described


def test_asyncapi_refers_only_to_what_it_has() -> None:
    document = asyncapi.describe()

    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*map(references, part.values()))
        return set().union(*map(references, part)) if isinstance(part, list) else set()

    for reference in references(document):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


@pytest.mark.parametrize(
    ("serializer", "struct"),
    [(answers.GameAnswer, protocol.GameObject), (answers.OutcomeAnswer, protocol.Outcome)],
)
def test_an_answer_is_described_by_its_type(serializer: type[serializers.Serializer], struct: Any) -> None:
    fields = {field.encode_name: field for field in msgspec.inspect.type_info(struct).fields}
    described = serializer().fields
    assert list(described) == list(fields)
    for name, field in fields.items():
        assert described[name].allow_null == getattr(field.type, "includes_none", False), name


@pytest.fixture(scope="module")
def thinking_server(test_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One that has a worker: positions are answered."""
    folder = tmp_path_factory.mktemp("thinking")
    with running("uvicorn", folder, DATABASE_URL=test_database_url, COMPUTER_WORKERS="1") as server:
        yield server


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_no_answer_surprises_the_schema(
    transactional_db: None,
    thinking_server: ServerProcess,
    alice: Caller,
    bob: Caller,
    mode: schemathesis.GenerationMode,
) -> None:
    """No 5xx; status, content type and body as the schema says, to calls that keep to it and calls that don't."""
    load_all_checks()
    headers = {"Authorization": alice.client()._credentials["HTTP_AUTHORIZATION"]}
    games = [
        store_game(alice.player, None),
        store_game(alice.player, bob.player, "4433"),
        store_finished(alice.player, bob.player, ALICE_WINS, "four_in_a_row", 1),
    ]
    schema = schemathesis.openapi.from_url(f"{thinking_server.url}/api/schema/")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 21
    for operation in operations:
        _call_with_invented(operation, mode, headers, [game.pk for game in games])


def _call_with_invented(
    operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode, headers: dict[str, str], ids: list[str]
) -> None:
    checks = CHECKS.get_by_names(
        ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
    )

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(mode), game_id=st.sampled_from(ids))
    def call(case: schemathesis.Case, game_id: str) -> None:
        if "game_id" in case.path_parameters and hash(str(case.path_parameters)) % 2:
            case.path_parameters["game_id"] = game_id  # half of them meet a game that there is
        case.call_and_validate(headers=headers, checks=checks)

    try:
        call()
    except Unsatisfiable:
        assert mode is schemathesis.GenerationMode.NEGATIVE  # a call that takes nothing can't be called wrongly
