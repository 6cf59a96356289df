# Two commands matter: `make report` and `make test`. Each works alone on a fresh clone.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= auto

# A process for each core; more threads below would only get in each other's way.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: report test lint types check lock clean

report: .venv/ready
	$(BIN)/backproof report

test: .venv/ready
	$(BIN)/pytest -n $(JOBS) --dist worksteal

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/ready
	$(BIN)/mypy

check: test lint types report

# The lock pins every package by hash; the project itself comes from this folder.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "backproof needs Python 3.11 or newer")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Needs uv (pip install uv).
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet --output-file requirements.lock

clean:
	rm -rf .venv reports/out .hypothesis .pytest_cache .mypy_cache .ruff_cache
