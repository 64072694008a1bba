# Needs Python 3.11 or newer and make; everything else comes into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo sandbox test check format bench lock clean

help:  ## list the recipes
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: .venv/ready  ## the main job on real input: a sandbox, ten thousand products, faults, files, a mirror
	$(BIN)/cloudspot demo

sandbox: .venv/ready  ## run the stand-in for Cloudspot's servers on http://127.0.0.1:8000
	$(BIN)/cloudspot sandbox

test: .venv/ready  ## run the tests
	$(BIN)/python -m pytest

check: .venv/ready  ## format, lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --strict tests/typing
	$(BIN)/pyright
	$(BIN)/lint-imports

format: .venv/ready  ## format the code and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/ready  ## measure against the published package; writes benchmarks/results.md
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.mirror --million --dlt

lock: .venv/ready  ## write the installed versions to constraints.txt
	$(BIN)/pip list --format=freeze --exclude-editable --exclude pip --exclude setuptools > constraints.txt

clean:  ## remove .venv and whatever the tools left
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist demo-output

.venv/ready: requirements/dev.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements/dev.txt
	@touch $@
