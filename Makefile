# Two targets for a fresh machine: `make demo` builds a ring, `make test` runs the tests. Both share
# one virtual environment, set up once; it is renewed when pyproject.toml or constraints.txt changes.
VENV    ?= .venv
# Processes that share the tests, each with its own files; `make WORKERS=0 test` runs all in one.
WORKERS ?= 2
OUT     ?= out/demo
EXAMPLE ?= cathedral
BIN     := $(VENV)/bin
STAMP   := $(VENV)/.ringcad-installed
# The first interpreter that is new enough; override with `make PYTHON=/path/to/python3.12 test`.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow lint clean

help:  ## Say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "ringcad needs Python 3.11 or newer; none was found. Install one, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $@

setup: $(STAMP)  ## Set up the virtual environment (about 2 GB)

demo: $(STAMP)  ## Build a decorated ring from a shipped spec, with pictures and report
	@mkdir -p $(OUT)
	@test -e $(OUT)/ring.yaml || $(BIN)/ringcad new $(OUT)/ring.yaml --example $(EXAMPLE)
	$(BIN)/ringcad build $(OUT)/ring.yaml --out $(OUT)
	@echo "Look at $(OUT)/pictures/ and open $(OUT)/report.html; edit $(OUT)/ring.yaml and say 'make demo' again."

test: $(STAMP)  ## Run the tests
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile

test-slow: $(STAMP)  ## Run the slow tests too
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "slow or not slow"

lint: $(STAMP)  ## Run ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:  ## Remove the virtual environment and what was built
	rm -rf $(VENV) build dist out
