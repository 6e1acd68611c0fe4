# Everything runs inside .venv, which holds exactly the versions of requirements.lock.
# Another interpreter: make install PYTHON=python3.12

PYTHON ?= python3
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
INSTALLED := $(VENV)/.installed

# Each test worker has one thread: workers that share cores only slow each other down.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install demo test test-all lint types lock clean distclean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

install: $(INSTALLED) ## make .venv with everything that the other targets need

demo: install ## train, judge and read on a phantom cohort; minutes on 2 cores
	@$(BIN)/polyclinic demo

test: lint types ## lint, types, floors and every test but the slow ones
	@$(PYTEST) -m "not slow"

test-all: lint types ## the same with the slow tests
	@$(PYTEST)

lint: install ## style, format and floors
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports

types: install ## mypy, strict
	@$(BIN)/mypy

lock: install ## pin the newest versions that pyproject.toml allows
	@env -u PIP_FIND_LINKS $(BIN)/pip-compile --quiet --upgrade --generate-hashes --extra dev \
		--allow-unsafe --strip-extras --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml
	@sed -i -E '/^(#|$$)/d' requirements.lock

clean: ## delete caches and builds
	@rm -rf build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## delete .venv as well; runs stay
	@rm -rf $(VENV)

$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "polyclinic needs Python 3.11 or newer; '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)"; \
		echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV) || { \
		echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the packages of requirements.lock into $(VENV) (6 GB, some minutes the first time)"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# The build tools come from the lock too, so this step needs no network.
$(INSTALLED): $(LOCKED) pyproject.toml
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@
