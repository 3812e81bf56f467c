"""docker-compose.yml: pinned, healthy, bounded, closed to the network, and without a password of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.neo4j_server.jars import VERSION

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def service() -> Any:
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    assert list(services) == ["neo4j"]
    return services["neo4j"]


def test_the_image_is_the_version_that_is_tested(service: Any) -> None:
    assert service["image"] == f"neo4j:{VERSION}-community"


def test_it_is_published_on_this_machine_only(service: Any) -> None:
    assert service["ports"] == ["127.0.0.1:7687:7687"]


def test_the_password_comes_from_the_environment_and_has_no_default(service: Any) -> None:
    secret = "${SKILLWEAVE_NEO4J_PASSWORD:?export SKILLWEAVE_NEO4J_PASSWORD=... first}"
    assert service["environment"]["NEO4J_AUTH"] == f"neo4j/{secret}"
    assert service["environment"]["SKILLWEAVE_NEO4J_PASSWORD"] == secret


def test_it_has_a_health_check_a_volume_and_limits(service: Any) -> None:
    command = service["healthcheck"]["test"][1]
    assert "cypher-shell" in command
    assert "$$SKILLWEAVE_NEO4J_PASSWORD" in command  # read in the container, not written into the file
    declared = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["volumes"]
    (volume,) = service["volumes"]
    assert volume == f"{next(iter(declared))}:/data"
    settings = service["environment"]
    heap, pages = (int(settings[f"NEO4J_server_memory_{part}_size"][:-1]) for part in ("heap_max_", "pagecache"))
    assert heap * 1024 + pages < int(service["mem_limit"][:-1])
    assert service["memswap_limit"] == service["mem_limit"]


@pytest.mark.parametrize("password", ["a-good-password", None])
def test_compose_takes_it_with_a_password_and_refuses_it_without(password: str | None) -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed")
    environ = {name: value for name, value in os.environ.items() if name != "SKILLWEAVE_NEO4J_PASSWORD"}
    if password:
        environ["SKILLWEAVE_NEO4J_PASSWORD"] = password
    command = ["docker-compose", "-f", str(COMPOSE), "config"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    if password:
        assert done.returncode == 0, done.stderr
        assert f"neo4j/{password}" in done.stdout
    else:
        assert done.returncode != 0
        assert "export SKILLWEAVE_NEO4J_PASSWORD" in done.stderr
