"""The Airflow side of the library: Connections, Variables, run context, metrics and the page.

`sinesp` itself never imports Airflow.
"""
