# Spark master, worker and Connect server: pyspark from the lock, the Kafka source by Maven coordinates.
# The coordinates are those of include/sinesp_stack/maven.py (a test compares them), each without what it would pull in.
FROM maven:3.9-eclipse-temurin-17 AS jars
RUN for coordinate in \
      org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0 \
      org.apache.spark:spark-token-provider-kafka-0-10_2.13:4.2.0 \
      org.apache.kafka:kafka-clients:3.9.2 \
      org.apache.commons:commons-pool2:2.13.1; \
    do mvn -q -B -U org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-Dartifact=$coordinate" -DoutputDirectory=/jars || exit 1; done

FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    SPARK_HOME=/usr/local/lib/python3.11/site-packages/pyspark \
    PYSPARK_PYTHON=/usr/local/bin/python3 \
    PYTHONPATH=/opt/sinesp/include \
    PATH=$PATH:/usr/local/lib/python3.11/site-packages/pyspark/bin

RUN apt-get update \
 && apt-get install --yes --no-install-recommends openjdk-17-jre-headless procps \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home sinesp \
 && install --directory --owner=sinesp /opt/sinesp /opt/sinesp/state /opt/spark-work

# The same lock as Airflow's: the writers run inside Spark's Python workers.
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-deps --requirement /tmp/requirements.txt
COPY --from=jars /jars/ /usr/local/lib/python3.11/site-packages/pyspark/jars/
COPY --chown=sinesp docker/spark_health.py /opt/sinesp/docker/
COPY --chown=sinesp include /opt/sinesp/include

USER sinesp
WORKDIR /opt/spark-work
