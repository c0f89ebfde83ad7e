# The entry points for people and for CI. `make` alone lists them.
#
# `make install` needs Python 3.11 or newer, make and a package index that pip reaches; nothing else.
# It installs what requirements/dev.txt locks, by hash, into .venv, and this package editable into it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Test workers; PYTEST_ARGUMENTS narrows a run: make test PYTEST_ARGUMENTS=tests/unit
WORKERS ?= 2
PYTEST_ARGUMENTS ?=
DEMO_ARGUMENTS ?=
BENCH_ARGUMENTS ?=
PORT ?= 8000

# Containers often set it. Tests start the program again and again, and each start would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

# Folders of Python that exist so far; the benchmarks are not part of the installed package.
PYTHON_FOLDERS := $(wildcard src tests benchmarks examples docs)

# What the demo needs is a subset of what development needs: one environment serves both, and only
# `make demo` or `make serve` alone, in a fresh clone, stops at the smaller set.
DEVELOPMENT := $(VENV)/.locked-dev
ONLY_DEMO := $(if $(wildcard $(DEVELOPMENT)),,$(filter demo serve,$(MAKECMDGOALS)))
LOCKED := $(if $(ONLY_DEMO),$(VENV)/.locked-demo,$(DEVELOPMENT))
PACKAGE := $(VENV)/.package

# The network of the demo stands on the demo's ledger, wherever --out puts it, by a clock that was set.
DEMO := $(or $(lastword $(patsubst --out=%,%,$(filter --out=%,$(subst --out ,--out=,$(strip $(DEMO_ARGUMENTS)))))),build/demo)
AS_DEMO := NETWORK_DATA=$(DEMO)/site PRIVITY_WORKSPACE=$(DEMO)/ledger NETWORK_SIMULATED=1 NETWORK_DEMO=1

.PHONY: help install train readers demo made-network serve check lint types contracts spelling changelog docs messages test test-all coverage bench lock clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1  \2/p' $(MAKEFILE_LIST)

install: $(DEVELOPMENT) $(PACKAGE)  ## install everything for development into .venv

train: install $(VENV)/.locked-train  ## install torch too, where pip finds its CPU build; without it nothing is trained

readers: install $(VENV)/.locked-readers  ## install Spark too, which a slow test reads releases with; it needs Java

demo: $(LOCKED) $(PACKAGE) $(VENV)/.torch-sought  ## install what running needs, then run the main job on a synthetic network
	$(BIN)/privity demo $(DEMO_ARGUMENTS)
	@if [ -d $(DEMO)/asked ]; then $(AS_DEMO) $(BIN)/python -m network demo --of $(DEMO) --port $(PORT); fi

# Asked before anything is installed.
made-network:
	@test -f $(DEMO)/site/network.db || { echo "make serve: there is no network in $(DEMO) yet; make one: make demo" >&2; exit 2; }

serve: made-network $(LOCKED) $(PACKAGE)  ## open the network that the demo made, in a browser
	$(AS_DEMO) $(BIN)/privity serve --settings network.settings --port $(PORT)

check: lint types contracts spelling changelog docs  ## lint, types, import contracts, spelling, docs

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy $(filter-out docs examples,$(PYTHON_FOLDERS))

contracts: install
	$(BIN)/lint-imports

spelling: install
	$(BIN)/codespell

changelog: install
	$(BIN)/towncrier build --draft

docs: install  ## build the pages into docs/_build/html; a broken reference fails
	$(BIN)/sphinx-build -n -W --keep-going -q -b html docs docs/_build/html

messages: install  ## bring the catalogues of translations to what the code says; LOCALE=fr begins another
	$(BIN)/python -m tests.network.messages $(LOCALE)

test: install  ## run the tests, slow ones left out
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow" $(PYTEST_ARGUMENTS)

test-all: install  ## run every test, with more random examples
	HYPOTHESIS_PROFILE=thorough PRIVITY_STARTS=each $(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGUMENTS)

coverage: install  ## run the tests on one worker and hold the branch coverage
	$(BIN)/coverage run -m pytest -m "not slow" $(PYTEST_ARGUMENTS)
	$(BIN)/coverage report

bench: install  ## measure against the bars of docs/benchmarks.md
	$(BIN)/python -m benchmarks $(BENCH_ARGUMENTS)

lock:  ## write requirements/*.txt anew from pyproject.toml; needs uv
	@command -v uv >/dev/null || { echo "make lock: \`uv\` was not found; install it with: pip install uv" >&2; exit 2; }
	requirements/lock

clean:  ## remove everything that the other targets made
	rm -rf $(VENV) build dist docs/_build .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made only where it is missing; a lock that is newer is installed into it.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "make install: \`$(PYTHON)\` is not Python 3.11 or newer; name one: make install PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "make install: \`$(PYTHON)\` has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.locked-%: requirements/%.txt | $(BIN)/python
	@echo "make: installing what $< locks into $(VENV); the first time this takes a minute or two"
	$(PIP) install --quiet --require-hashes -r $<
	@touch $@

# The demo trains a model where pip finds torch's CPU build, and says so where it does not.
$(VENV)/.torch-sought: requirements/train.txt | $(LOCKED)
	@$(PIP) install --quiet --require-hashes -r $< >/dev/null 2>&1 \
		|| echo "make demo: pip found no torch, so no model is trained" >&2
	@touch $@

# hatchling comes from the lock, so nothing unlocked is fetched to build the package.
$(PACKAGE): pyproject.toml | $(LOCKED)
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
