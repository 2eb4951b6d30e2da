"""Airflow: its three processes, and its REST API as far as the demo and the tests use it."""
