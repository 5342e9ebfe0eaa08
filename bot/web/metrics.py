"""Figures for Prometheus: what this process saw (acks, calls to Slack), and what the ledger holds (the rest).

A `Metrics` has a registry of its own, so that nothing is shared with other users of the library, and two may live side
by side in a test. The ledger's figures are read when somebody asks for `/metrics`, by one query each; every replica
tells the same, so a dashboard takes their maximum and not their sum.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.ledger import chain, changes, escalations, notifications, pulse
from bot.ledger.ledger import Ledger, Tx

_ACKS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)  # Slack waits for 3 s
OVERDUE, DAY = timedelta(seconds=2), timedelta(days=1)
PATIENCE = 2.0  # seconds for the ledger; less than Prometheus itself has
_DURATIONS = (1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)


class Metrics:
    """All figures of one process; the methods are for whoever sees something happen."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._acks = Histogram(
            "slipway_ack_seconds", "From a request of Slack to its answer", buckets=_ACKS, registry=self.registry
        )
        self._refusals = self._counter("slipway_requests_refused", "Requests the guard refused", "status")
        self._calls = self._counter("slipway_slack_calls", "Calls to Slack, by result", "method", "outcome")
        self._changes = self._gauge("slipway_changes", "Changes that have not ended", "state")
        self._operations = self._counter(
            "slipway_operations", "Operations that ended since the start", "environment", "kind", "outcome"
        )
        self._durations = Histogram(
            "slipway_operation_seconds",
            "From an operation's start to its end",
            ("environment", "kind"),
            buckets=_DURATIONS,
            registry=self.registry,
        )
        self._jobs = self._gauge("slipway_jobs_waiting", "Jobs that wait for a worker", "task")
        self._stale = self._gauge("slipway_cards_stale", "Cards that show less than the ledger holds")
        self._stale_for = self._gauge("slipway_cards_stale_seconds", "How long the stalest card has waited")
        self._unsealed = self._gauge("slipway_events_unsealed", "Events that wait to be sealed into the chain")
        self._escalations = self._gauge("slipway_escalations", "Escalations that have not ended", "state")
        self._overdue = self._gauge("slipway_escalations_overdue", "Escalations whose next step is behind its time")
        self._overdue_for = self._gauge("slipway_escalations_overdue_seconds", "How long the longest of them has been")
        self._told = self._gauge(
            "slipway_notifications", "What was told of alerts in the last day, by its outcome", "way", "outcome"
        )
        self._unsealed_for = self._gauge("slipway_events_unsealed_seconds", "How long the oldest of them has waited")
        self._unknown = self._gauge(
            "slipway_operations_unknown", "Operations of which nobody knows how they ended", "environment"
        )
        self._groups = self._gauge("slipway_alert_groups", "Alert groups that have not ended", "state")
        self._answers = self._gauge("slipway_ledger_answers", "Whether the ledger could be read for these figures")
        self._place: int | None = None

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)

    def acked(self, seconds: float) -> None:
        """Note how long Slack waited for an answer."""
        self._acks.observe(seconds)

    def refused(self, status: int) -> None:
        """Note that the guard refused a request."""
        self._refusals.labels(str(status)).inc()

    def slack_call(self, method: str, outcome: str) -> None:
        """Note how a call to Slack went: `ok`, or the error's code."""
        self._calls.labels(method, outcome).inc()

    async def read(self, ledger: Ledger) -> None:
        """Read the ledger's figures."""
        async with ledger.transaction() as tx:
            self._fill(self._changes, await changes.counts(tx))
            self._fill(self._jobs, await pulse.jobs_waiting(tx))
            self._unsealed.set(await chain.unsealed(tx))
            self._unsealed_for.set(_waited(await pulse.oldest_unsealed(tx), tx.now))
            self._fill(self._unknown, await pulse.unknown_operations(tx))
            self._fill(self._groups, await pulse.open_alert_groups(tx))
            await self._read_cards(tx, tx.now)
            await self._read_escalations(tx)
            await self._read_ended(tx)

    @staticmethod
    def _fill(gauge: Gauge, figures: dict[str, int]) -> None:
        gauge.clear()
        for label, figure in figures.items():
            gauge.labels(label).set(figure)

    async def _read_cards(self, tx: Tx, now: datetime) -> None:
        stale = await pulse.stale_cards(tx)
        self._stale.set(stale.cards)
        self._stale_for.set(_waited(stale.since, now))

    async def _read_escalations(self, tx: Tx) -> None:
        self._fill(self._escalations, await escalations.counts(tx))
        behind = await escalations.overdue(tx, by=OVERDUE)
        self._overdue.set(behind.escalations)
        self._overdue_for.set((tx.now - behind.since).total_seconds() if behind.since else 0)
        self._told.clear()
        for labels, figure in (await notifications.counts(tx, since=tx.now - DAY)).items():
            self._told.labels(*labels).set(figure)

    async def _read_ended(self, tx: Tx) -> None:
        """Count the operations that ended since the last reading; the first reading only notes where the chain is."""
        if self._place is None:
            self._place = await pulse.head(tx)
        while ended := await pulse.ended_after(tx, self._place):
            for op in ended:
                self._operations.labels(op.environment, op.kind, op.state).inc()
                if op.seconds is not None:
                    self._durations.labels(op.environment, op.kind).observe(op.seconds)
            self._place = ended[-1].place

    def ledger_answers(self, *, yes: bool) -> None:
        """Note whether the ledger could be read."""
        self._answers.set(yes)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)


def _waited(since: datetime | None, now: datetime) -> float:
    """Return for how many seconds something has waited; 0 where nothing does."""
    return max((now - since).total_seconds(), 0) if since else 0


def route(metrics: Metrics, ledger: Ledger) -> Route:
    """Return `/metrics`. When the ledger does not answer, the process's own figures are told all the same."""
    return Route("/metrics", _answer(metrics, ledger))


def _answer(metrics: Metrics, ledger: Ledger) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        reading = asyncio.ensure_future(metrics.read(ledger))
        done, _pending = await asyncio.wait({reading}, timeout=PATIENCE)
        if not done:
            reading.cancel()
        metrics.ledger_answers(yes=bool(done) and reading.exception() is None)
        return Response(metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return answer
