"""What leaves through Airflow's metrics, as a collector receives it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from sinesp.domain.metrics import DESCRIPTIONS, Metric
from sinesp_stack.environment import base_environment
from sinesp_stack.settings import REPOSITORY

# As Airflow's task runner does it, in a process of its own: the backend is chosen once per process.
PROGRAM = """
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics import stats_utils
stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)

from sinesp.microbatch.model.counts import Counts
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.commit import CommitReport
from sinesp.microbatch.measures import measure_commit, measure_retention
from sinesp.microbatch.status import PartitionStatus
from sinesp_airflow import metrics

counts = Counts(read=10, inserted=4, superseded=3, deleted=2, quarantined=1)
reasons = {"uf_desconhecida": 1, "municipio_de_outra_uf": 1}
report = CommitReport("b", "append", counts, reasons, backlog=7, seconds=2.5, complete=True)
metrics.send(measure_commit(report))
topic = "sinesp_ocorrencias_municipio"
lefts = [(0, 500.0), (1, 90.0), (2, None)]
metrics.send(measure_retention([PartitionStatus(TopicPartition(topic, p), 0, 0, 9, left) for p, left in lefts]))
"""


class Collector(HTTPServer):
    """An OTLP endpoint that remembers the last value of each name."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.values: dict[str, float] = {}


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        request = ExportMetricsServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, Collector)
        for metric in (m for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics):
            points = metric.sum.data_points or metric.gauge.data_points
            self.server.values[metric.name] = points[-1].as_double or points[-1].as_int
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_collector_receives_counters_and_gauges_under_the_documented_names(collector: Collector) -> None:
    environment = base_environment() | {
        "AIRFLOW_HOME": os.environ["AIRFLOW_HOME"],
        "AIRFLOW__METRICS__OTEL_ON": "True",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }

    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True, capture_output=True)

    assert {name: value for name, value in collector.values.items() if "sinesp" in name} == {
        "airflow.sinesp.records.read": 10,
        "airflow.sinesp.records.inserted": 4,
        "airflow.sinesp.records.superseded": 3,
        "airflow.sinesp.records.deleted": 2,
        "airflow.sinesp.records.quarantined": 1,
        "airflow.sinesp.records.quarantined_by_reason.uf_desconhecida": 1,
        "airflow.sinesp.records.quarantined_by_reason.municipio_de_outra_uf": 1,
        "airflow.sinesp.lag_records": 7,
        "airflow.sinesp.batch_seconds": 2.5,
        "airflow.sinesp.retention_seconds_left.sinesp_ocorrencias_municipio": 90,
    }


def test_the_document_lists_exactly_the_metrics_of_the_code() -> None:
    documented = re.findall(
        r"^\| `(sinesp\.[a-z_.]+?)(?:\.<[^>]+>)?` \|", (REPOSITORY / "docs" / "metrics.md").read_text(), re.MULTILINE
    )

    assert documented == list(Metric) == list(DESCRIPTIONS)
