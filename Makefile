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
SOURCES := proxy tests bench tools clients

.PHONY: help run install test test-browser test-books test-slow check format lint types imports bench bench-ingest eval clients check-clients lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/.run ## install, put the manual into the index, serve http://127.0.0.1:8000
	@echo "· indexing the manual (docs/)"
	@$(BIN)/book-proxy ingest docs --book manual --title "The book-proxy manual"
	@exec $(BIN)/book-proxy serve --host $(HOST) --port $(PORT)

install: $(VENV)/.dev ## install everything, development tools included, into .venv

test: $(VENV)/.dev ## run every test, with branch coverage
	@$(BIN)/pytest --numprocesses auto --cov --cov-report=term

test-browser: $(VENV)/.dev ## run the browser tests; installs Chromium (apt, as root) and requires it
	@command -v chromium >/dev/null || { echo "· installing Chromium"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; }
	@PROXY_TEST_REQUIRE_BROWSER=1 $(BIN)/pytest -m browser --no-cov

test-books: $(VENV)/.dev ## read real books: Docusaurus builds one to compare, Debian has others (slow)
	@PROXY_TEST_BOOKS=1 $(BIN)/pytest -m books --no-cov

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

types: $(VENV)/.dev ## check types, strictly
	@$(BIN)/pyright

imports: $(VENV)/.dev ## check the import contracts
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## measure side by side with peers, in one table
	@$(BIN)/python -m bench

bench-ingest: $(VENV)/.dev ## measure whole ingests: time of an unchanged book, memory
	@$(BIN)/python -m bench.ingest docs
	@$(BIN)/python -m bench.ingest_embedding docs
	@$(BIN)/python -m bench.ingest_scale

eval: $(VENV)/.dev ## measure retrieval (also on sets in ../shared/data) and answers on the manual
	@for set in evaluation/*/ $(wildcard ../shared/data/*/); do \
		[ -f $$set/queries.jsonl ] || continue; \
		echo "· $$set"; \
		corpus=; [ -f $$set/corpus.jsonl ] || corpus="--corpus docs"; \
		EMBEDDER=local $(BIN)/book-proxy eval $$set $$corpus || exit 1; \
	done
	@$(BIN)/python -m tools.evaluate_answers

clients: $(VENV)/.dev ## drive real clients against the proxy and write what works into docs/
	@$(BIN)/python -m clients

check-clients: $(VENV)/.dev ## the same, comparing only
	@$(BIN)/python -m clients --check

lock: $(UV) ## resolve the dependencies anew: hashes, no addresses
	@$(COMPILE) --group model --output-file locks/run.txt
	@$(COMPILE) --group model --group dev --output-file locks/dev.txt
	@$(BIN)/python -m clients --lock

clean: ## remove what make made (not data/)
	@rm -rf $(VENV) .cache proxy/adapters/local/weights bench/.peers clients/.envs

$(UV):
	@echo "· installing uv"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
		--root-user-action=ignore --target .cache/uv "uv==$(UV_VERSION)"

$(BIN)/python: | $(UV)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)

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
