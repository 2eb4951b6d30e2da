"""The pipeline by itself: where a batch's time goes, what Airflow adds, whether a full load keeps its pace."""
