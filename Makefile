# Everything a person runs. `make` alone lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV := .local/uv/bin/uv
BIN := .venv/bin
STACK := $(BIN)/sinesp-stack
EXPORT := $(UV) export --frozen --quiet --no-dev --no-emit-project --no-hashes --no-annotate --no-header --extra postgres
APT := $(if $(shell command -v sudo),sudo )apt-get install -y

# Everything the tests need on the way is real, so the cheap tiers come first: they compute, on every core. The others
# start services, one set of them for all.
COMPUTING := $(addprefix tests/,unit files views dags)
SERVED := $(addprefix tests/,browser spark api integration e2e)

.PHONY: help setup programs env demo up down status test lint docs dashboards format requirements lock wheel bench bench-api drill cluster mutate clean

help: ## Lista os alvos
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV):
	@python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "Falta python3 com venv e pip. Instale: $(APT) python3 python3-venv python3-pip"; exit 1; }
	@echo "Preparando o uv $(UV_VERSION)"
	@python3 -m venv .local/uv
	@.local/uv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

# The marker is older than the lock exactly when the environment must be brought up to date.
.venv/.synced: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen
	@touch $@

setup: .venv/.synced ## Prepara o ambiente Python a partir do lock
	@:

programs:
	@command -v java >/dev/null || [ -n "$$JAVA_HOME" ] || { echo "Falta o Java 17. Instale: $(APT) openjdk-17-jre-headless"; exit 1; }
	@command -v mvn >/dev/null || [ -e .local/jars/spark-kafka/.coordinates ] || { echo "Falta o Maven. Instale: $(APT) maven"; exit 1; }

env: ## Cria o .env do docker compose com senhas novas
	@docker/make-env.sh

demo: programs setup ## Sobe tudo, processa os dados oficiais e mostra o resultado
	@$(STACK) demo

up: programs setup ## Sobe Kafka, Cassandra, Spark e Airflow
	@$(STACK) up

down: setup ## Para tudo o que foi iniciado, e nada mais
	@$(STACK) down

status: setup ## Mostra processos, memória, portas e o login
	@$(STACK) status

lint: setup ## Formato, lint, tipos, camadas, documentos gerados e requirements
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check
	@$(EXPORT) | diff -u requirements.txt - || { echo "requirements.txt difere do lock. Execute: make requirements"; exit 1; }

test: programs lint ## Lint e todos os testes: unit, files, views, dags, browser, spark, api, integration, e2e
	$(BIN)/pytest --numprocesses=logical --dist=worksteal $(COMPUTING)
	$(BIN)/pytest $(SERVED)

docs: setup ## Refaz os documentos gerados e os painéis
	$(BIN)/python docs/generate.py
	PYTHONPATH=include $(BIN)/python ops/grafana/build.py

# Grafana publishes its schema as types alone: the dashboards become literals of theirs.
GRAFANA_TYPES := .local/grafana-types
dashboards: setup ## Confere os painéis contra os tipos publicados pelo Grafana (precisa de npm)
	@command -v npm >/dev/null || { echo "Falta o npm. Instale: $(APT) npm"; exit 1; }
	@npm install --silent --no-save --no-audit --no-fund --prefix $(GRAFANA_TYPES) @grafana/schema@13.2.3 typescript@5.9.3 @types/node@22
	$(BIN)/python ops/grafana/typed.py $(GRAFANA_TYPES)
	$(GRAFANA_TYPES)/node_modules/.bin/tsc --project $(GRAFANA_TYPES)

format: setup ## Formata o código
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements: setup ## Refaz requirements.txt a partir do lock
	@$(EXPORT) --output-file requirements.txt

lock: | $(UV) ## Atualiza o lock e requirements.txt
	$(UV) lock --upgrade
	@$(MAKE) --no-print-directory requirements

bench-api: programs setup ## Mede a API contra Datasette e DuckDB (precisa de wrk, hey e do grupo bench)
	@$(UV) sync --frozen --group bench --quiet
	@$(BIN)/python -m bench.api.run $(BENCH)
wheel: setup ## Faz o wheel e a lista do que os executores do Spark precisam, em dist/ (docs/cluster.md)
	@rm -rf dist
	$(UV) build --wheel --out-dir dist
	@$(UV) export --frozen --quiet --only-group executors --no-emit-project --no-hashes --no-annotate --no-header --output-file dist/executors.txt
	@mkdir -p dist/jars
	@$(BIN)/python -m sinesp_stack.services.spark.jars dist/jars
	@ls dist dist/jars

bench: programs setup ## Mede o caminho quente contra as alternativas (opções: make bench BENCH=--help)
	@$(BIN)/python -m bench.run $(BENCH)

drill: programs setup ## Ensaia falhas: para serviços no meio de um lote e confere os dados
	$(BIN)/python -m tests.faults

cluster: programs setup ## Ensaia falhas num cluster de três máquinas do loopback e confere os dados
	$(BIN)/python -m tests.cluster

mutate: programs setup ## Desliga cada guarda em uma cópia da biblioteca e exige que um teste falhe
	$(BIN)/python -m tests.faults.mutate

clean: down ## Para tudo e apaga o estado local (dados, logs, jars)
	rm -rf .local/stack .local/jars .local/state
