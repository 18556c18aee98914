# Every command a newcomer needs. The first target that needs it makes .venv with python3 -m venv and pip, from the
# hashed sets in requirements/; a stamp file lets the next call start at once.
# Needs python3 (3.11 or newer, with venv and pip) and make, nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
  command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=

.PHONY: help install run test sweep soak fuzz schema lint format bench plots dashboard crash lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

install: $(VENV)/.dev ## Make .venv with everything that running, testing and checking need

run: $(VENV)/.runtime ## Start the simulated exchange, the executor, the API and a sample strategy; Ctrl-C ends (ARGS=...)
	@$(BIN)/trading-executor demo $(ARGS)

test: $(VENV)/.dev ## Run the tests on every core (ARGS="tests/unit -k money" for some)
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

sweep: $(VENV)/.dev ## Every error code of the exchange through every execution strategy, on the whole system
	@SWEEP=all $(BIN)/python -m pytest -q tests/simulation/test_refusal_codes.py $(ARGS)

soak: $(VENV)/.dev ## Trade an hour of market time under each fault profile (ARGS="mixed --minutes 5 --seed 1")
	@PYTHONPATH=backend $(BIN)/python -m tests.simulation.soak $(ARGS)

FUZZ_RUNS ?= 25
fuzz: $(VENV)/.dev ## 5 million fuzzed messages to adapter and simulator (FUZZ_RUNS=n: n times 200,000; FUZZ_SEED=n)
	@first=$${FUZZ_SEED:-$$RANDOM}; for run in $$(seq $(FUZZ_RUNS)); do seed=$$((first + run - 1)); \
	  echo "run $$run of $(FUZZ_RUNS): FUZZ_SEED=$$seed FUZZ_RUNS=1"; \
	  TEST_SEED=$$seed OKX_FUZZ_CASES=80000 SIMULATOR_FUZZ=33334 $(BIN)/python -m pytest -q --no-header --timeout 1200 \
	    tests/unit/okx/test_fuzz.py tests/unit/simulator/test_fuzz.py || exit 1; done

SCHEMA_EXAMPLES ?= 20
schema: $(VENV)/.dev ## Generated requests, good and bad, at every route, against its OpenAPI description (SCHEMA_EXAMPLES=20; SCHEMA_SEED=n)
	@SCHEMA_EXAMPLES=$(SCHEMA_EXAMPLES) $(BIN)/python -m pytest -q -s --timeout 3600 tests/integration/test_api_schema.py $(ARGS)

HOUSE = $(addprefix tests/unit/test_,house_rules.py promises.py architecture.py)
lint: $(VENV)/.dev ## Format, lint, types, import directions, house rules and promises; where there is Node the dashboard's sources too
	@failed=; for check in "ruff format --check ." "ruff check ." "lint-imports --no-logo" basedpyright "pytest -q $(HOUSE)"; do \
	  echo "== $$check"; $(BIN)/$$check || failed="$$failed [$$check]"; done; \
	echo "== the dashboard"; frontend/check.sh || failed="$$failed [frontend/check.sh]"; \
	[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

format: $(VENV)/.dev ## Format the code and mend what lint can mend
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Run the benchmarks, print the table, write build/bench.json
	@$(BIN)/python -m benchmarks --readme README.md $(ARGS)

plots: $(VENV)/.dev ## Draw what each execution strategy does with one order, for docs/execution.md
	@PYTHONPATH=. $(BIN)/python -m examples.schedules $(ARGS)

dashboard: ## Build the dashboard's files anew from frontend/ (needs Node)
	@cd frontend && npm ci --silent && npm run --silent types && npm run --silent build

crash: $(VENV)/.dev ## Kill the demo under load again and again; both ledgers must end the same (ARGS="--rounds 20")
	@$(BIN)/python -m tests.support.crash $(ARGS)

# All but ray, which is as large as all else together, and must be the version that the cluster has.
EXTRAS = $(addprefix --extra=,redis nats oidc mcp otel parquet detectors)

lock: $(VENV)/.dev ## Resolve requirements/*.txt anew from pyproject.toml and requirements/*.in (needs uv on the PATH)
	@command -v uv >/dev/null || { echo "make lock needs uv: python3 -m pip install uv"; exit 1; }
	uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header -c requirements/constraints.in -o requirements/dev.txt pyproject.toml requirements/build.in requirements/dev.in
	uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header -c requirements/dev.txt -o requirements/runtime.txt pyproject.toml requirements/build.in
	uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header $(EXTRAS) -c requirements/dev.txt -o requirements/extras.txt pyproject.toml requirements/build.in

clean: ## Remove .venv, caches and build output; data/ stays
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find backend tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed, and python3 is older or missing."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment: its venv or ensurepip module is missing."; \
	  echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Both sets come from one resolution (dev.txt holds every pin of runtime.txt), so one .venv serves run and test.
$(VENV)/.runtime: pyproject.toml requirements/runtime.txt | $(BIN)/python
	@echo "Installing the runtime set into $(VENV) (some 30 seconds the first time) ..."
	@$(PIP) install -qq --require-hashes -r requirements/runtime.txt
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml requirements/dev.txt | $(BIN)/python
	@echo "Installing the development set into $(VENV) (a minute or two the first time) ..."
	@$(PIP) install -qq --require-hashes -r requirements/dev.txt
	@$(PIP) install -qq --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.runtime $@
