# Airflow with the pipeline: API server, scheduler, DAG processor and the one-shot init all run this image.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    AIRFLOW_HOME=/opt/airflow \
    PYTHONPATH=/opt/sinesp/include

# The uid of every process that touches the shared state; docker/spark.Dockerfile has the same.
RUN useradd --uid 1000 --create-home sinesp \
 && install --directory --owner=sinesp /opt/airflow /opt/airflow/logs /opt/sinesp /opt/sinesp/state

COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-deps --requirement /tmp/requirements.txt

COPY --chown=sinesp docker/connections.py docker/airflow-init.sh /opt/sinesp/docker/
COPY docker/sinesp /usr/local/bin/
COPY --chown=sinesp include /opt/sinesp/include
COPY --chown=sinesp data /opt/sinesp/data
COPY --chown=sinesp plugins /opt/sinesp/plugins
COPY --chown=sinesp dags /opt/sinesp/dags

USER sinesp
WORKDIR /opt/sinesp
ENTRYPOINT ["airflow"]
