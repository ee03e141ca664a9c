# The commands people need; `make` lists them. Each does its own set-up: Python 3.11 or newer and make are enough.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

export LC_ALL := C.UTF-8
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore

PORT ?= 8000
HOST ?= 127.0.0.1
BIN := .venv/bin
READY := .venv/ready

.PHONY: help demo test check bench samples cross-check translations lock clean setup browser

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Run the portal on invented data, with scheduler, mail tray and bank (PORT=8000 HOST=127.0.0.1)
	@exec $(BIN)/ssc-portal demo --port $(PORT) --host $(HOST)

test: browser check ## Everything that must hold: check, then all tests on both databases and in a browser
	@echo "Tests on SQLite and PostgreSQL and in a browser"
	# A folder of its own: PostgreSQL's lock in the common one cannot be shared with another user. In memory where there
	# is room: databases and browsers write much that nobody keeps.
	room=/tmp
	if [ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null; then room=/dev/shm; fi
	export TMPDIR=$$(mktemp -d -p $$room)
	trap 'rm -rf "$$TMPDIR"' EXIT
	# Compiled once and kept: the tests start the portal many times, as processes of their own.
	unset PYTHONDONTWRITEBYTECODE
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(READY) ## Formatting, lint, types, import rules and templates
	@step() {
	  echo "$$1"; shift
	  out=$$("$$@" 2>&1) || { printf '%s\n' "$$out" >&2; exit 1; }
	}
	step "Formatting" $(BIN)/ruff format --check --output-format concise .
	step "Lint" $(BIN)/ruff check --output-format concise .
	step "Types" $(BIN)/mypy
	step "Imports" $(BIN)/lint-imports --no-logo --no-cache
	step "Templates" $(BIN)/djlint --lint --quiet templates

bench: $(READY) ## Speed, as ratios to a bare stack measured in the same run (MILLION=1: a million cases too)
	@exec $(BIN)/python -m tests.bench $(if $(MILLION),--million)

samples: $(READY) ## Judge the sample invoices of the standard, fetched for the occasion; not part of test
	@exec $(BIN)/python -m tests.standards

cross-check: $(READY) ## Read event logs back with pm4py, fetched for the occasion; not part of test
	@exec $(BIN)/python -m tests.cross

translations: $(READY) ## Take new sentences over from code and templates into portal/translations/nl.po
	@pot=$$(mktemp)
	trap 'rm -f "$$pot"' EXIT
	$(BIN)/pybabel -q extract -F pyproject.toml -k N_ --add-location=file --sort-by-file --no-wrap -o "$$pot" .
	$(BIN)/pybabel -q update -i "$$pot" -o portal/translations/nl.po -l nl --no-fuzzy-matching --ignore-obsolete \
	  --ignore-pot-creation-date --no-wrap

lock: $(READY) ## Write both lock files anew (UPGRADE=1 takes the newest versions)
	@compile() {
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url $(if $(UPGRADE),--upgrade) pyproject.toml "$$@"
	}
	compile --group dev -o requirements-dev.lock
	compile -c requirements-dev.lock -o requirements.lock
	echo "Written: requirements-dev.lock, requirements.lock"

clean: ## Remove what was made here; the data in instance/ stays
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find portal workflows seed tests -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(READY)

# The virtual environment, exactly as locked. Made again when the lock or the project's own description changes.
$(READY): requirements-dev.lock pyproject.toml
	@python=
	for each in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do
	  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$each; break; fi
	done
	[ -n "$$python" ] || { echo "Python 3.11 or newer is needed, as python3 or by make PYTHON=/path/to/python." >&2; exit 1; }
	if [ ! -x $(BIN)/python ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then
	  if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
	    if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	      echo "This Python cannot make a virtual environment. As an administrator: apt-get install python3-venv" >&2; exit 1
	    fi
	    echo "Installing python3-venv"
	    apt-get update -qq </dev/null
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv </dev/null >/dev/null
	  fi
	  "$$python" -m venv --clear .venv
	fi
	echo "Installing what requirements-dev.lock names in .venv (about a minute)"
	$(BIN)/python -m pip install --quiet --progress-bar off --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --progress-bar off --no-deps --no-build-isolation --editable .
	touch $@

# Only the browser tests need these, so only `test` asks for them.
browser:
	@for each in chromium chromium-browser google-chrome; do
	  if command -v $$each >/dev/null; then exit 0; fi
	done
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	  echo "The browser tests need Chromium. As an administrator: apt-get install chromium fonts-dejavu-core fonts-liberation" >&2; exit 1
	fi
	echo "Installing Chromium for the browser tests"
	apt-get update -qq </dev/null
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  chromium fonts-dejavu-core fonts-liberation </dev/null >/dev/null
