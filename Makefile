.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# One more than processors: many tests wait, for a server, a browser or a clock.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 8 ? n + 1 : 8)))
UV ?= uv
# Compiled files are kept also where the environment forbids it: a run starts hundreds of programs that need them.
PYTEST_RUN := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run ## Set up, load the demonstration province and serve it on http://127.0.0.1:8000 (PORT=…)
	PORT=$(PORT) HAILONG_APOLOGIES=$(or $(HAILONG_APOLOGIES),on) $(BIN)/hailong serve --demo

demo-data: .venv/run ## The same without serving; leaves the addresses in instance/demo.json
	PORT=$(PORT) HAILONG_APOLOGIES=$(or $(HAILONG_APOLOGIES),on) $(BIN)/hailong demo-data

test: .venv/test node_modules/ready ## Set up and run every test: SQLite, a real PostgreSQL, a real browser
	$(PYTEST_RUN) -n $(WORKERS) $(PYTEST)

bench: .venv/test node_modules/ready ## Benchmarks beside this machine's limits and the peers
	$(BIN)/python -m bench

fresh: ## demo-data, test and docs/operators.md on bare Debian 12 and 13 (as root; FRESH="trixie user test" chooses)
	@$(PYTHON) -m tests.support.fresh $(FRESH)

campaign: .venv/test node_modules/ready ## The long fault, fuzz and simulation runs
	$(PYTEST_RUN) --campaign $(PYTEST)

lint: .venv/test ## Format check, lint, types, import contracts, templates
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/djlint survey/templates --lint --quiet

translations: .venv/test ## Collect new texts into translations/*.po
	$(BIN)/hailong translations

maps: .venv/test ## Write docs/addresses.md, modules.md, licences.md and what else is drawn from the code anew
	$(BIN)/python -m tests.support.maps

pictures: demo-data .venv/test node_modules/ready ## Take every page of the demonstration into build/pictures, and those that docs/ shows
	$(BIN)/python -m tests.support.pictures

wheel: .venv/run ## Build dist/hailong-….whl, which holds all that running needs, and put its pinned requirements beside it
	rm -rf build/lib build/bdist.*
	PYTHONWARNINGS=ignore $(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	cp requirements.txt dist/

sbom: .venv/test ## Write the bill of materials (CycloneDX) into build/
	$(BIN)/python -m tests.support.dependencies sbom

outdated: .venv/test ## Ask for newer releases of what is pinned; fails if one repairs a version that we have
	$(BIN)/python -m tests.support.dependencies outdated

lock: ## Pin every requirement with its hashes (needs uv)
	$(UV) pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file requirements.txt
	$(UV) pip compile pyproject.toml --group test --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --output-file requirements-test.txt

.venv/bin/pip: # Debian splits pip from python3: without ensurepip, fetch its wheel as a Debian package (needs no root)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv .venv; \
	else mkdir -p .cache && cd .cache && { apt-get download -qq python3-pip-whl && dpkg -x python3-pip-whl_*.deb . ; } \
	  || { echo "Cannot make a virtual environment here. As root, run: apt-get update && apt-get install -y python3-venv" >&2; exit 1; } ; \
	  cd .. && $(PYTHON) -m venv --without-pip .venv && $(BIN)/python $$(ls .cache/usr/share/python-wheels/pip-*.whl)/pip install --quiet pip; fi

.venv/run: requirements.txt pyproject.toml | .venv/bin/pip
	$(PIP) --require-hashes -r requirements.txt
	PYTHONWARNINGS=ignore $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test: requirements-test.txt .venv/run
	$(PIP) --require-hashes -r requirements-test.txt
	@touch $@

node_modules/ready: package-lock.json | .venv/test
	PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --no-audit --no-fund --ignore-scripts --silent
	@touch $@

.PHONY: help demo demo-data test bench fresh campaign lint translations maps pictures wheel sbom outdated lock
