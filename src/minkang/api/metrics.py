"""What the platform counts about itself, for Prometheus: requests, and how far the work is behind.

Counts and times only, no names, ids or addresses. Requests are counted in every web process and
added up over files in the folder that PROMETHEUS_MULTIPROC_DIR names; the rest is asked of the
database when somebody wants to know.
"""

import os
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from minkang.exchange.alarms import SILENT, lasting
from minkang.exchange.log import backlog
from minkang.store import TROUBLE, Pool
from minkang.store.feed import lags
from minkang.store.reindex import progress

Application = Callable[[Any, Any, Any], Awaitable[None]]

_MEDIA = b"text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

_registry = CollectorRegistry()
_requests = Counter(
    "minkang_requests", "Requests answered", ("door", "method", "status"), registry=_registry
)
_seconds = Histogram(
    "minkang_request_seconds",
    "Time until the answer was on its way",
    ("door", "method"),
    buckets=_BUCKETS,
    registry=_registry,
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@cache
def _counts(door: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return _requests.labels(door, method, str(status)), _seconds.labels(door, method)


def measured(application: Application, door: str) -> Application:
    """An application whose requests are counted under the name of a door."""

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        begun = time.perf_counter()
        method = scope["method"] if scope["method"] in _METHODS else "other"

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                answered, took = _counts(door, method, message["status"])
                answered.inc()
                took.observe(time.perf_counter() - begun)
            await send(message)

        await application(scope, receive, noted)

    return counted


def metrics_application(pool: Pool) -> Application:
    """`/metrics`, for callers on the same machine only: put a scraper there, or a tunnel."""

    async def application(scope: Any, _: Any, send: Any) -> None:
        if not _is_local(scope):
            await _answer(send, 403, "只对本机开放 / from this machine only\n".encode())
            return
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, b"GET\n", ((b"allow", b"GET, HEAD"),))
            return
        registry = CollectorRegistry()
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry = _registry
        gauges = CollectorRegistry()
        gauges.register(_Gauges(await _state(pool)))
        body = generate_latest(registry) + generate_latest(gauges)
        await _answer(send, 200, b"" if scope["method"] == "HEAD" else body)

    return application


def _is_local(scope: Any) -> bool:
    """Whether the caller sits on this machine; one behind a proxy does not."""
    client = scope.get("client")
    names = {name for name, _ in scope["headers"]}
    forwarded = names & {b"x-forwarded-for", b"forwarded", b"x-real-ip"}
    return client is not None and client[0] in ("127.0.0.1", "::1") and not forwarded


async def _state(pool: Pool) -> list[Metric]:
    up = GaugeMetricFamily("minkang_database_up", "Whether the database answers")
    try:
        async with pool.acquire(timeout=2) as connection:
            left = await progress(connection)
            waiting = await backlog(connection)
            behind = await lags(connection)
            raised = await lasting(connection)
    except (TimeoutError, *TROUBLE):
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    reindexing = GaugeMetricFamily(
        "minkang_reindex_left", "Resources still found by the rules of an older release"
    )
    reindexing.add_metric([], left.left)
    messages = GaugeMetricFamily(
        "minkang_messages", "Messages by state, the finished left out", labels=("state",)
    )
    for state, count in waiting.items():
        messages.add_metric([state], count)
    alarms = GaugeMetricFamily(
        "minkang_alarms", "Alarms of the information centre that last", labels=("kind",)
    )
    for kind, count in raised.items():
        alarms.add_metric([kind], count)
    silent = GaugeMetricFamily("minkang_source_silent", "Sources that should send and do not")
    silent.add_metric([], raised[SILENT])
    consumers = GaugeMetricFamily(
        "minkang_feed_lag_seconds", "Age of the first change not read yet", labels=("consumer",)
    )
    for name, seconds in behind.items():
        consumers.add_metric([name], seconds)
    connections = GaugeMetricFamily("minkang_connections", "Open database connections, one process")
    connections.add_metric([], pool.get_size())
    return [up, reindexing, messages, alarms, silent, consumers, connections]


class _Gauges(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def _answer(
    send: Any, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> None:
    head = [(b"content-type", _MEDIA), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
