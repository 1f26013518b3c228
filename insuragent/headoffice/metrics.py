"""What Prometheus may ask: how many requests came, how long they took, how many bytes, and what became of entries."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

#: A pass should take a second and may take a minute.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
MEDIA_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The counters of one server process; labels name routes, status codes and results, never an agent."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("insuragent_requests", "Requests", ["route", "status"], registry=self._registry)
        self._seconds = Histogram(
            "insuragent_request_seconds", "Seconds a request", ["route"], buckets=_SECONDS, registry=self._registry
        )
        self._received = Counter("insuragent_received_bytes", "Bytes of bodies", ["route"], registry=self._registry)
        self._entries = Counter("insuragent_entries", "Entries pushed", ["result"], registry=self._registry)

    def tell_request(self, route: str, status: int, seconds: float, received: int) -> None:
        """A request was answered."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        self._received.labels(route).inc(received)

    def tell_entries(self, results: Iterable[str]) -> None:
        """Entries were answered."""
        for result, times in Tally(results).items():
            self._entries.labels(result).inc(times)

    def told(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
