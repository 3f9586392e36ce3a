# Works with GNU make 3.81 (macOS) and later. Setting up is make.py's work, also where there is no make.

PYTHON ?= python3
BRING ?=
LAB_ARGS ?=
APP_ARGS ?=
UPGRADE ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
VOILA := $(BIN)/voila
VOILA_VERSION := 0.5.13
NOTEBOOK := $(BIN)/jupyter-notebook
NOTEBOOK_VERSION := 7.6.5
TORCH_VERSION := 2.13.0
PEERS := .venv/stamp-peers
DO = $(PYTHON) make.py $(if $(BRING),--bring)

.PHONY: help lab test quick claims elsewhere play site app notebooks bench peers latency soak screenshot format constraints clean
.PHONY: python setup setup-tests setup-uv
.NOTPARALLEL:

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1|/p' Makefile | awk -F'|' '{ printf "%-18s%s\n", $$1, $$2 }'

lab: python ## set up if needed, then open JupyterLab on Part 1
	@exec $(DO) lab $(LAB_ARGS)

test: python ## set up if needed, then run every check
	@exec $(DO) test

quick: python ## set up if needed, then run what takes less than a minute: for daily work
	@exec $(DO) test quick

play: setup ## build the playground, one page that needs nothing but a browser, and open it
	$(BIN)/python -m tools.playground.build --open

site: setup-tests ## build the series as pages for any static host, with the playground in place of panels
	$(BIN)/python -m tools.make_site

claims: setup-tests ## test what the notebooks claim in experiments ten times as large as in `make test`
	NNLAB_CLAIMS_SCALE=10 $(BIN)/python -m pytest tests/claims -n 2

elsewhere: setup-tests ## run unit tests and notebooks as if on two other machines: the same numbers?
	$(BIN)/python tools/elsewhere.py

app: setup $(VOILA) ## serve the panels as web pages without code
	$(BIN)/python tools/make_app.py
	exec $(VOILA) build/app --Voila.ip=localhost --Voila.kernel_websocket_connection_class=nnlab.panel.server.PromptConnection $(APP_ARGS)

notebooks: setup ## run all notebooks from top to bottom and keep their outputs
	$(BIN)/python tools/run_notebooks.py

bench: setup ## measure the engine against NumPy, scikit-learn and, if there, PyTorch
	$(BIN)/python -m benchmarks.speed

peers: setup $(PEERS) ## install PyTorch, for `make bench` and the tests that ask it

latency: setup-tests $(NOTEBOOK) $(VOILA) ## measure the live panel in a real browser
	$(BIN)/python -m benchmarks.latency

soak: setup-tests ## play with a panel in a browser for ten minutes on each of two screens, watching memory
	$(BIN)/python -m benchmarks.soak --minutes 10

screenshot: setup-tests $(NOTEBOOK) ## make the pictures of panels in README and docs anew
	$(BIN)/python tools/make_screenshot.py

format: setup-tests ## format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

constraints: setup-uv ## pin all versions anew; UPGRADE=--upgrade takes the newest
	$(BIN)/uv pip compile -q pyproject.toml --extra test --universal --python-version 3.11 --fork-strategy fewest --no-annotate --custom-compile-command 'make constraints' $(UPGRADE) -o constraints.txt

clean: ## remove everything that make has made
	rm -rf .venv build playground/node_modules nnlab.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found: install a Python from 3.11 to 3.15, or name one, as in: make $(MAKECMDGOALS) PYTHON=/path/to/python3.13" >&2; exit 1; }

setup setup-tests setup-uv: python
	@$(DO) $@

$(PEERS): Makefile | setup
	$(PIP) install -c constraints.txt torch==$(TORCH_VERSION)
	@touch $@

$(NOTEBOOK): WANTED = notebook==$(NOTEBOOK_VERSION)
$(VOILA): WANTED = voila==$(VOILA_VERSION)
$(NOTEBOOK) $(VOILA): | setup
	$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt $(WANTED) || $(PIP) install -c constraints.txt $(WANTED)
