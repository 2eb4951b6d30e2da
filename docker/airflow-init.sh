#!/bin/bash
# One-shot before Airflow starts: metadata database, the admin's password, the two Connections.
# Connections that exist are left alone, so that what was edited in the UI survives.
set -euo pipefail
umask 077

airflow db migrate
python /opt/sinesp/docker/connections.py passwords > "$AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"
python /opt/sinesp/docker/connections.py connections > /tmp/connections.json
airflow connections import /tmp/connections.json
rm /tmp/connections.json
