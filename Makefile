# Two commands: `make brief` writes the brief, `make test` passes the tests. Each does its own set-up.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: brief test check e2e fuzz pictures lock clean

brief: $(READY)
	$(BIN)/merida brief --out brief

test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Runs every command of the first page, writes whole briefs, and drives headless Chromium (Debian: chromium); without one that part skips here
# and fails in CI.
e2e: $(READY)
	$(BIN)/pytest -m end_to_end

# Ten thousand bad inputs, the same for the same seed: `make fuzz COUNT=500 SEED=7`.
COUNT ?= 10000
SEED ?= 0
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz.run $(COUNT) $(SEED)

# The pictures of README and LEEME, made by the program.
pictures: $(READY)
	$(BIN)/python scripts/pictures.py docs/pictures

# Writes requirements.lock anew from pyproject.toml (needs uv).
lock:
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-annotate \
	  --only-binary :all: --python-version 3.11 --fork-strategy fewest --upgrade -o requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Mérida needs Python 3.11 or later; set PYTHON=/path/to/python3.11 (found: $$($(PYTHON) --version 2>&1))"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean:
	rm -rf .venv brief .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
