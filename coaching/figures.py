"""Queue, runs and uploads for Prometheus: read from the rows at each scrape, so that every process tells the same."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Avg, Count, F, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from coaching.models import AnalysisRun, PendingUpload, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric

WINDOW = dt.timedelta(hours=24)


class Rows(Collector):
    """Queue, runs and uploads, from the database: a handful of grouped queries."""

    def describe(self) -> list[Metric]:
        """Nothing: the registry would else ask the database when it is told of this collector."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._runs()
        yield from self._recent()
        yield from self._uploads()

    def _runs(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily("liftlab_runs", "Analysis runs that are waiting or in analysis.", labels=["state"])
        counted = dict(AnalysisRun.objects.open().order_by().values_list("state").annotate(Count("pk")))
        for state in (AnalysisRun.State.QUEUED, AnalysisRun.State.RUNNING):
            runs.add_metric([state.value], counted.get(state, 0))
        yield runs
        oldest = AnalysisRun.objects.filter(state=AnalysisRun.State.QUEUED).aggregate(at=Min("created_at"))["at"]
        waited = (timezone.now() - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("liftlab_queue_wait_seconds", "How long the first in the queue has waited.", waited)
        stages = GaugeMetricFamily("liftlab_runs_in_stage", "Runs in analysis, by stage.", labels=["stage"])
        running = AnalysisRun.objects.filter(state=AnalysisRun.State.RUNNING)
        for stage, count in running.order_by().values_list("stage").annotate(Count("pk")):
            stages.add_metric([stage or "starting"], count)
        yield stages

    def _recent(self) -> Iterator[Metric]:
        since = timezone.now() - WINDOW
        ended = AnalysisRun.objects.filter(finished_at__gte=since).order_by()
        over = GaugeMetricFamily(
            "liftlab_runs_ended_day", "Runs that ended in 24 hours, by state and code.", labels=["state", "code"]
        )
        for state, code, count in ended.values_list("state", "failure_code").annotate(Count("pk")):
            over.add_metric([state, code], count)
        yield over
        took = ended.filter(state=AnalysisRun.State.DONE, started_at__isnull=False).aggregate(
            mean=Avg(F("finished_at") - F("started_at"))
        )["mean"]
        mean_s = took.total_seconds() if took else 0.0
        yield GaugeMetricFamily("liftlab_run_seconds_day", "Mean time of an analysis that was done, 24 hours.", mean_s)

    def _uploads(self) -> Iterator[Metric]:
        since = timezone.now() - WINDOW
        films = GaugeMetricFamily("liftlab_uploads_day", "Films that came in 24 hours, by code.", labels=["code"])
        recent = Session.objects.filter(uploaded_at__gte=since).order_by()
        for code, count in recent.values_list("rejected_code").annotate(Count("pk")):
            films.add_metric([code or "kept"], count)
        yield films
        yield GaugeMetricFamily("liftlab_uploads_on_their_way", "Films in slices.", PendingUpload.objects.count())
