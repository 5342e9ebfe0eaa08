"""The queries that `/metrics-of` asks where nobody says otherwise, by a real Prometheus that scrapes a real program."""

import math
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.catalog.graphs import USUAL
from bot.domain.errors import Retry
from integrations.environment_secrets import EnvironmentSecrets
from integrations.prometheus import Prometheus
from tests.contract.living import until
from tests.contract.scraped import Stack, prometheus

SERVICES = {  # as different libraries count requests and call their status
    "express": ("http_requests_total", "status"),
    "go": ("http_requests_total", "code"),
    "prom-client": ("http_request_duration_seconds_count", "status_code"),
    "opentelemetry": ("http_server_request_duration_seconds_count", "http_response_status_code"),
}
BUCKETS = ("http_request_duration_seconds_bucket", "http_server_request_duration_seconds_bucket")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with prometheus(tmp_path_factory.mktemp("prometheus")) as made:
        yield made


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[Prometheus]:
    async with Prometheus(stack.url, EnvironmentSecrets({}, lambda _: None)) as made:
        yield made


def filled(query: str | None, service: str) -> str:
    assert query is not None
    return query.replace("$selector", f'service="{service}"').replace("$window", "1m")


async def figure(client: Prometheus, query: str | None, service: str) -> float | None:
    found = await client.instant(filled(query, service))
    return found[0].points[0][1] if found else None


async def counted(client: Prometheus, stack: Stack, lines: dict[str, float]) -> None:
    """Let counters be seen at 0, and then at what they count."""
    stack.lines |= dict.fromkeys(lines, 0.0)
    for wanted in (dict.fromkeys(lines, 0.0), lines):
        stack.lines |= wanted

        async def known(wanted: dict[str, float] = wanted) -> bool:
            try:
                seen = {line: (await client.instant(line))[0].points[0][1] for line in wanted}
            except (Retry, IndexError):
                return False
            return seen == wanted

        await until(known, 60)


async def test_errors_and_requests_are_found_whatever_they_are_called(client: Prometheus, stack: Stack) -> None:
    lines = {}
    for service, (name, status) in SERVICES.items():
        lines[f'{name}{{service="{service}",{status}="200"}}'] = 90.0
        lines[f'{name}{{service="{service}",{status}="503"}}'] = 10.0
    await counted(client, stack, lines)

    for service in SERVICES:
        assert await figure(client, USUAL.errors, service) == pytest.approx(0.1, rel=0.1)
        assert (await figure(client, USUAL.requests, service) or 0) > 0


async def test_none_failed_is_zero_and_not_known_is_nothing(client: Prometheus, stack: Stack) -> None:
    lines = {
        'http_requests_total{service="well",status="200"}': 50.0,
        'http_requests_total{service="mute"}': 50.0,  # it tells no status: who could say that none failed?
    }
    await counted(client, stack, lines)
    stack.lines['http_requests_total{service="idle",status="200"}'] = 7.0

    assert await figure(client, USUAL.errors, "well") == 0
    assert await figure(client, USUAL.errors, "mute") is None
    assert await figure(client, USUAL.errors, "nobody") is None
    idle = await figure(client, USUAL.errors, "idle")
    assert idle is None or math.isnan(idle)


@pytest.mark.parametrize("name", BUCKETS)
async def test_response_times_are_found(client: Prometheus, stack: Stack, name: str) -> None:
    service = f"of-{name.split('_')[1]}"
    within = {"0.1": 50.0, "0.2": 90.0, "1": 100.0, "+Inf": 100.0}
    await counted(client, stack, {f'{name}{{service="{service}",le="{le}"}}': value for le, value in within.items()})

    assert await figure(client, USUAL.p50, service) == pytest.approx(0.1, abs=0.02)
    assert await figure(client, USUAL.p95, service) == pytest.approx(0.6, abs=0.1)
    assert await figure(client, USUAL.p99, service) == pytest.approx(0.92, abs=0.1)
