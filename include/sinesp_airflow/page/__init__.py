"""The page "SINESP" inside Airflow: read only, behind Airflow's login, one JSON answer per section."""
