# Two commands matter: `make report` and `make test`. Each works alone on a fresh clone.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= auto

# A process for each core; more threads below would only get in each other's way.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: report test lint types check subjects torch jax compare mutants mutants-sampled docs lowest lock clean

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

# The suite on PyTorch and on JAX, and the tests that need them.
subjects: torch jax
	$(BIN)/pytest tests/test_subject_frameworks.py tests/test_framework_cells.py tests/test_compare.py \
		tests/test_models_torch.py tests/test_models_jax.py

torch jax: .venv/frameworks
	$(BIN)/backproof report --subject $@ --profile dev --out reports/out-$@

# Every gradient checker on every fault, as a page beside the report.
compare: .venv/frameworks
	$(BIN)/backproof compare

# Do the tests of impl notice each change of one place in it? The figures go into tests/mutation/figures.md.
mutants: .venv/mutants
	rm -rf mutants
	JOBS=$(JOBS) $(BIN)/python tests/mutation/run.py

# The same for a sample of what a verdict rests on: the kernel, the decision, the comparison, the judge, the reports.
mutants-sampled: .venv/mutants
	JOBS=$(JOBS) $(BIN)/python tests/mutation/sampled.py

.venv/mutants: requirements-mutants.lock .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutants.lock
	touch $@

# A site that works offline, in docs/_build/html; a warning is an error.
docs: .venv/docs
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build/html

.venv/docs: requirements-docs.lock .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	touch $@

# The tests on the lowest versions that pyproject.toml admits, in an environment of their own. Best with Python 3.11, for
# which old versions have wheels.
lowest: .venv-lowest/ready
	.venv-lowest/bin/pytest -n $(JOBS) --dist worksteal

.venv-lowest/ready: pyproject.toml
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest --resolution lowest-direct --group dev --editable .
	touch $@

# The lock pins every package by hash; the project itself comes from this folder.
.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "backproof needs Python 3.11 or newer")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# PyTorch goes without a hash, since its wheel is another one on each index, with CUDA or without, and so does what needs
# it. The extras pin both.
.venv/frameworks: .venv/ready requirements-frameworks.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-frameworks.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation \
		--editable '.[torch,torchrecurrent,jax,autograd,flax,equinox]'
	touch $@

# Needs uv (pip install uv).
LOCKED := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --quiet
lock:
	$(LOCKED) --group dev --output-file requirements.lock
	$(LOCKED) --group mutants --constraint requirements.lock --output-file requirements-mutants.lock
	$(LOCKED) --group docs --constraint requirements.lock --output-file requirements-docs.lock
	$(LOCKED) --extra torch --extra torchrecurrent --extra jax --extra autograd --extra flax --extra equinox \
		--fork-strategy fewest --no-annotate \
		--no-emit-package torch --no-emit-package torchrecurrent \
		--constraint requirements.lock --output-file requirements-frameworks.lock

clean:
	rm -rf .venv .venv-lowest mutants docs/_build reports/out* .hypothesis .pytest_cache .mypy_cache .ruff_cache
