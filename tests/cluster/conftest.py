"""The cluster of a worker, whole again before each test."""

from collections.abc import Iterator

import pytest

from tests.cluster.machines import Cluster, cluster


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Cluster]:
    """For all tests of a worker."""
    with cluster() as made:
        yield made


@pytest.fixture
def machines(running_cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, with everything running; afterwards no process may have logged a traceback."""
    running_cluster.restore()
    yield running_cluster
    assert "Traceback" not in running_cluster.logs, running_cluster.logs
