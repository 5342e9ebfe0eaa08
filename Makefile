# Slipway: `make up` to try it, `make test` to test it. Everything else is in `make help`.
# It needs Python 3.11 or newer, git and make; the rest goes into .venv/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
ARGS ?=

.PHONY: help up up-docker test check format bench chaos docs break fix clean clean-docker

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

up: $(STAMP) ## start everything on this machine and open the page (ARGS="--port 8200 --no-browser")
	@exec $(BIN)/slipway up $(ARGS)

up-docker: $(STAMP) ## the same, with the sample services as containers of the Docker Engine; data in .data/docker
	@exec $(BIN)/slipway up --docker $(ARGS)

test: $(STAMP) ## run every test; says what this machine could not run, and why
	@$(BIN)/python tests/check.py --no-tests
	@for some in "not browser" browser; do \
	  $(BIN)/pytest -n logical --dist worksteal --durations=15 -m "$$some" $(ARGS); ended=$$?; \
	  case $$ended in 0|5) ;; *) worst=$$ended ;; esac; \
	done; exit $${worst:-0} # 5: none of ARGS are of that kind

check: $(STAMP) ## format, lint, types, arrows, fast tests; under 30 seconds
	@$(BIN)/python tests/check.py $(ARGS)

format: $(STAMP) ## put the code in order
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(STAMP) ## measure, in one run, and print a table
	@$(BIN)/python -m tests.bench $(ARGS)

chaos: $(STAMP) ## kill the bot at 200 random moments and count what was lost or doubled
	@$(BIN)/python -m tests.chaos $(ARGS)

docs: $(STAMP) ## write the reference pages anew from the code
	@$(BIN)/python -m bot.reference docs/reference

break: $(STAMP) ## merge the sample release that goes wrong into develop
	@$(BIN)/python -m bot.samples break $(ARGS)

fix: $(STAMP) ## put the mended sample release on develop and main
	@$(BIN)/python -m bot.samples fix $(ARGS)

clean: ## remove the environment and what tools left; .data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

clean-docker: $(STAMP) ## remove the containers, networks and images that `make up-docker` brought
	@$(BIN)/python -m bot.sample_stack $(ARGS)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Slipway needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Say make PYTHON=python3.12, or install one." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is incomplete here; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) (once; about a minute) …" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@{ $(BIN)/python -m pip install --disable-pip-version-check --editable '.[dev]'; echo "exit $$?"; } \
	  | awk '/^Collecting/ { print "  " $$2; fflush() } /^Installing/ { print "  installing"; fflush() } \
	    /^exit / { status = $$2 } END { exit status }' >&2 || { \
	  echo "The installation is not complete; look above, and type make again." >&2; exit 1; }
	@touch $(STAMP)
