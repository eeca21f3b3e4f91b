"""What is counted for Prometheus: requests here; apps register what their rows tell when they are ready."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Histogram(
    "liftlab_request_seconds",
    "Time from a request to its answer in this process, by method and first digit of the status.",
    ["method", "status"],
    registry=REGISTRY,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0),
)
