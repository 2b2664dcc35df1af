# make demo      installs if need be, then runs the two main examples into demo/
# make test      installs if need be, then runs the tests (all but the slow ones)
# make install lint format docs validate clean distclean

VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DOCS := $(VENV)/.installed-docs
PIP := $(BIN)/python -m pip --disable-pip-version-check

# One thread per process: the parallelism is MPI's.
export OMP_NUM_THREADS := 1

.PHONY: install demo test lint format docs validate clean distclean
.DELETE_ON_ERROR:

install: $(INSTALLED)

$(INSTALLED): pyproject.toml setup.py constraints.txt
	@$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null || { \
	    python=$$(sh scripts/find_python.sh) && \
	    echo "Python: $$python" && \
	    "$$python" -m venv --clear $(VENV); }
	@sh scripts/check_system.sh before $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@sh scripts/check_system.sh after $(BIN)/python
	@touch $@

demo: install
	$(BIN)/thincell compare examples/leenheer-2015.toml --out demo/leenheer-2015 --force
	$(BIN)/thincell compare examples/sasaki-2021.toml --out demo/sasaki-2021 --force

# Two processes at a time; what starts ranks, browsers or a Slurm of its own comes after them, alone.
test: install
	$(BIN)/python -m pytest -m "not slow" -n 2 tests/unit tests/exact tests/cli
	$(BIN)/python -m pytest -m "not slow" tests/parallel tests/browser tests/slurm

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	sh scripts/typecheck.sh $(BIN)/python

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(INSTALLED_DOCS): $(INSTALLED)
	$(PIP) install --quiet --constraint constraints.txt --editable '.[docs]'
	@touch $@

docs: $(INSTALLED_DOCS)
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

validate: install
	$(BIN)/thincell validate --all

clean:
	rm -rf build dist demo docs/_build docs/_generated *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find thincell geometry model solvers studies validation tests docs examples benchmarks scripts \
	    -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean
	rm -rf $(VENV)
