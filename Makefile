# The one vocabulary of tasks. A fresh machine needs Python 3.11+, git and make; everything else is made here.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup nightly test sky-check evaluate bench bench-drift bench-switch bench-endpoint fuzz browser-test demo-drift faults lint types floors format lock up down clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(READY): requirements/bootstrap.lock requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "starloop needs Python 3.11 or newer: set PYTHON=python3.x")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@# Compiled here once, not by every process that may not write what it compiled.
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.lock requirements/bootstrap.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY) ## make .venv from the hashed locks

nightly: $(READY) ## one whole night on the embedded sky (or on STARLOOP_SKY)
	$(BIN)/starloop nightly $(NIGHT)

test: $(READY) ## all tests; real data is read where STARLOOP_RECORDED_SKY and STARLOOP_RECORDINGS point
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

sky-check: $(READY) ## hold the simulated sky against the recorded one at STARLOOP_RECORDED_SKY
	$(BIN)/starloop sky check

evaluate: $(READY) ## how good the classifier is, on the recorded sky: docs/evaluation.md; exit code 1 when a bar is missed
	$(BIN)/starloop evaluate

bench: $(READY) ## timed claims against their bars; exit code 1 when one is missed
	$(BIN)/python -m tests.bench

bench-drift: $(READY) ## every scenario of the simulator, 20 seeds each: docs/drift.md; exit code 1 when a bar is missed
	$(BIN)/python -m tests.bench_drift

bench-switch: $(READY) ## switches and rollbacks while 50 requests a second come; exit code 1 when a bar is missed
	$(BIN)/python -m tests.bench_switch

bench-endpoint: $(READY) ## the endpoint beside `mlflow models serve` and a plain app; exit code 1 when a bar is missed
	$(BIN)/python -m tests.bench_endpoint

fuzz: $(READY) ## broken bodies, the OpenAPI's contract, and 30 minutes of both; FUZZ="--minutes 3" for less
	$(BIN)/python -m tests.fuzz $(FUZZ)

browser-test: $(READY) ## the pages in Debian's Chromium; STARLOOP_PICTURES=docs/pictures takes the pictures anew
	$(BIN)/python -m pytest tests/browser

demo-drift: $(READY) ## the closed loop as a story: drift, event, retraining, gate, switch, rollback
	$(BIN)/starloop demo-drift

faults: $(READY) ## starloop and the bare clients in bad weather: docs/faults.md; exit code 1 when a bar is missed
	$(BIN)/python -m tests.faults

lint: $(READY) ## style and likely bugs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## types
	$(BIN)/mypy

floors: $(READY) ## nothing imports upward
	$(BIN)/lint-imports

format: $(READY) ## rewrite in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

up: $(READY) ## start the local stack and print its addresses
	$(BIN)/starloop up

down: $(READY) ## stop exactly what `up` and `nightly` started
	$(BIN)/starloop down

UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header
lock: $(READY) ## resolve the locks again
	$(UV_COMPILE) pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	$(UV_COMPILE) pyproject.toml --all-extras --output-file requirements/loop.lock
	$(UV_COMPILE) pyproject.toml --extra endpoint --output-file requirements/endpoint.lock
	echo uv | $(UV_COMPILE) - --output-file requirements/bootstrap.lock
	printf 'cesium==0.12.4\nfeets==1.0.1\nscipy<1.17\n' | $(UV_COMPILE) - --output-file tests/bench/peers.txt

clean: ## remove what runs and builds made, keeping data/
	rm -rf .venv build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
