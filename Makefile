# Works with GNU make 3.81 (macOS) and later. What each target needs is recorded by stamp files in
# .venv, so that a second call starts at once and without a network.

PYTHON ?= python3
LAB_ARGS ?=
APP_ARGS ?=
UPGRADE ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV := $(BIN)/uv
UV_VERSION := 0.13.9
# Ten times as fast as pip, which may still know of a mirror or a proxy that uv doesn't.
install = $(UV) pip install --python $(BIN)/python -c constraints.txt $(1) || $(PIP) install -c constraints.txt $(1)
VOILA := $(BIN)/voila
VOILA_VERSION := 0.5.13
TORCH_VERSION := 2.13.0
NOTEBOOK := notebooks/01_learning_rate.ipynb
PINS := pyproject.toml constraints.txt
SOURCES := $(wildcard nnlab/*.py nnlab/*/*.py)

CREATED := $(VENV)/stamp-created
INSTALLED := $(VENV)/stamp-installed
TESTS := $(VENV)/stamp-installed-for-tests
WARM := $(VENV)/stamp-warm
PEERS := $(VENV)/stamp-peers

# Jupyter starts for root (in a container, say) only when told that this is meant.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help lab test app notebooks bench peers latency soak screenshot format constraints clean
.NOTPARALLEL:

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1|/p' Makefile | awk -F'|' '{ printf "%-18s%s\n", $$1, $$2 }'

lab: $(INSTALLED) $(WARM) ## set up if needed, then open JupyterLab on Part 1
	exec $(BIN)/jupyter lab $(NOTEBOOK) --ServerApp.ip=localhost $(AS_ROOT) $(LAB_ARGS)

test: $(TESTS) $(WARM) ## set up if needed, then run every check
	$(BIN)/python tests/run_all.py

app: $(INSTALLED) $(WARM) $(VOILA) ## serve the panels as web pages without code
	$(BIN)/python tools/make_app.py
	exec $(BIN)/voila build/app --Voila.ip=localhost $(APP_ARGS)

notebooks: $(INSTALLED) $(WARM) ## run all notebooks from top to bottom and keep their outputs
	$(BIN)/python tools/run_notebooks.py

bench: $(INSTALLED) $(WARM) ## measure the engine against NumPy, scikit-learn and, if there, PyTorch
	$(BIN)/python -m benchmarks.speed

peers: $(PEERS) ## install PyTorch, for `make bench` and the tests that ask it

latency: $(TESTS) $(WARM) ## measure the live panel in a real browser
	$(BIN)/python -m benchmarks.latency

soak: $(TESTS) $(WARM) ## play with a panel in a real browser for ten minutes, watching its memory
	$(BIN)/python -m benchmarks.soak --minutes 10

screenshot: $(TESTS) $(WARM) ## make the README's picture of a panel anew
	$(BIN)/python tools/make_screenshot.py

format: $(TESTS) ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

constraints: $(UV) ## pin all versions anew; UPGRADE=--upgrade takes the newest
	$(UV) pip compile -q pyproject.toml --extra test --universal --python-version 3.11 --fork-strategy fewest --no-annotate --custom-compile-command 'make constraints' $(UPGRADE) -o constraints.txt

clean: ## remove everything that make has made
	rm -rf $(VENV) build nnlab.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(CREATED):
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found: install Python 3.11, 3.12 or 3.13, or name one, e.g. make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "nnlab needs Python 3.11, 3.12 or 3.13, but $(PYTHON) is %d.%d; name another, e.g. make $(MAKECMDGOALS) PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(INSTALLED): $(PINS) | $(UV)
	$(call install,-e .)
	@touch $@

# The test extra holds everything that `make lab` needs, so this is worth both stamps.
$(TESTS): $(PINS) | $(UV)
	$(call install,-e '.[test]')
	@touch $(INSTALLED) $@

$(WARM): $(SOURCES) $(INSTALLED)
	$(BIN)/python -m nnlab.warm
	@touch $@

$(PEERS): Makefile | $(INSTALLED)
	$(PIP) install -c constraints.txt torch==$(TORCH_VERSION)
	@touch $@

$(UV): | $(CREATED)
	$(PIP) install uv==$(UV_VERSION)

$(VOILA): | $(INSTALLED)
	$(call install,voila==$(VOILA_VERSION))
