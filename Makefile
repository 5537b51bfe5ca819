# Two commands: `make brief` writes the brief, `make test` passes the tests. Each does its own set-up.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DOCS := .venv-docs

.PHONY: help brief serve docs test check e2e fuzz pictures reference wheel release lock clean

# `make` alone lists what it can make: a target and what its line says after ##.
help:
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

brief: $(READY)  ## write the brief on the bundled record, brief/brief.en.html and .es.html
	$(BIN)/merida brief --out brief

serve: $(READY)  ## open the laboratory in the browser, on this machine alone
	$(BIN)/merida serve

# A runtime of its own: the tools of a site are no part of the program's lock.
docs: $(DOCS)/.ready  ## build the manual, docs/_build/html/index.html; its tutorials are run as it is built
	MERIDA_LANGUAGE=en $(DOCS)/bin/python -m sphinx -q -W --keep-going -b html docs docs/_build/html

test: $(READY)  ## pass the tests
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(READY)  ## format, lint, types, order of the rooms: what must hold before a commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Without Chromium (Debian: chromium) that part skips here and fails in CI.
e2e: $(READY)  ## drive pages in headless Chromium, and run every command of the first page
	OMP_NUM_THREADS=1 $(BIN)/pytest -m end_to_end -n 2 --dist loadfile --no-loadscope-reorder

COUNT ?= 10000
SEED ?= 0
fuzz: $(READY)  ## try ten thousand bad inputs; COUNT=500 SEED=7 chooses others
	$(BIN)/python -m tests.fuzz.run $(COUNT) $(SEED)

pictures: $(READY)  ## draw the pictures of README and LEEME again
	$(BIN)/python scripts/pictures.py docs/pictures

reference: $(READY)  ## write the pages again that scripts write: commands, parameters, answers of README and LEEME
	$(BIN)/python scripts/commands_reference.py
	$(BIN)/python scripts/parameters_reference.py
	$(BIN)/python scripts/console_blocks.py README.md LEEME.md

wheel: $(READY)  ## build dist/merida-*.whl and the source archive
	$(BIN)/python -m flit_core.wheel --outdir dist
	$(BIN)/python -c 'from flit_core.buildapi import build_sdist; print(build_sdist("dist"))'

# Checks, wheel in an empty environment, changelog, tag; nothing is pushed.
release:  ## make a release on this machine, with all its checks: make release VERSION=0.3.0
	bash scripts/release.sh "$(VERSION)"

COMPILE := uv pip compile pyproject.toml --universal --generate-hashes --no-annotate --only-binary :all: \
  --python-version 3.11 --fork-strategy fewest --custom-compile-command "make lock"
lock:  ## write requirements.lock and requirements-docs.lock anew from pyproject.toml (needs uv)
	$(COMPILE) --extra dev --upgrade -o requirements.lock
	$(COMPILE) --extra docs --upgrade -c requirements.lock -o requirements-docs.lock

$(DOCS)/.ready: requirements-docs.lock pyproject.toml
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r requirements-docs.lock
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Mérida needs Python 3.11 or later; set PYTHON=/path/to/python3.11 (found: $$($(PYTHON) --version 2>&1))"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean:  ## remove what make made
	rm -rf .venv $(DOCS) docs/_build brief dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
