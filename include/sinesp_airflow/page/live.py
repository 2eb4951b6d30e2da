"""Services behind the page: those of Airflow's Connections."""

from sinesp.live import Live
from sinesp_airflow.connections import cassandra_endpoint, kafka_endpoint

live = Live(cassandra_endpoint, kafka_endpoint)
