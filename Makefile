# What a newcomer types. Each target is one line of help; the work is in Python, but for making .venv.

PYTHON ?= python3
PY := .venv/bin/python
WORKERS ?= 4

.PHONY: help python ready ready-dev run admin demo serve cluster test check soak bench bench-peers engine levels requirements
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

help: ## Lists these targets.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-18s %s\n' "$$name" "$$text"; done

# Without Python, or with one too old to read our files, nothing else here works.
python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	{ echo "fourline: needs Python 3.11 or newer as $(PYTHON). On Debian: apt install python3 python3-venv. Another: PYTHON=python3.12 make run" >&2; exit 1; }

# An empty file in .venv says that a requirements file is installed. Its name has a hash of that file: a checkout gives
# every file a new date, and few a new content.
installed = .venv/installed/$(1).$(shell sha256sum $(1) | cut -c1-16)
RUN_TIME := $(call installed,requirements.txt)
DEVELOPMENT := $(call installed,requirements-dev.txt)

ready: python $(RUN_TIME)
	@:

ready-dev: python $(RUN_TIME) $(DEVELOPMENT)
	@:

# Under a lock, because two makes at once would install into the same folder.
$(RUN_TIME) $(DEVELOPMENT): | python
	@failed() { echo "fourline: $$*" >&2; exit 1; }; \
	exec 9<requirements.txt; flock 9; test ! -e $@ || exit 0; \
	echo "fourline: installing $(basename $(@F)) into .venv, once …"; \
	if ! .venv/bin/python -c 'import pip' 2>/dev/null; then \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
			failed "Python's venv module is missing. On Debian: apt install python3-venv"; \
		said=$$($(PYTHON) -m venv --clear .venv 2>&1) || failed "cannot make .venv: $$(echo "$$said" | tail -n 1)"; \
	fi; \
	{ rm -f .venv/pip.log && mkdir -p .venv/installed; } 2>/dev/null || failed "cannot write to .venv"; \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --retries 2 --log .venv/pip.log \
		--require-hashes --requirement $(basename $(@F)) >/dev/null 2>&1 || \
		failed "pip could not install $(basename $(@F)); is there a network? All that it said is in .venv/pip.log"; \
	touch $@

# Not within the recipes: a shell between make and the server would turn Ctrl-C into an error.
run admin demo: export DEBUG = true

run: ready ## Installs what is missing, migrates, serves http://127.0.0.1:8000 (PORT=9000, HOST=0.0.0.0 for the local network).
	@$(PY) manage.py run

admin: ready ## Makes an administrator.
	@$(PY) manage.py prepare
	@$(PY) manage.py createsuperuser

demo: ready ## Fills the database with players and games to look at.
	@$(PY) manage.py prepare
	@$(PY) manage.py demo

serve: ready ## Serves for production: uvicorn, DEBUG off, settings from the environment (docs/operations.md).
	@$(PY) manage.py prepare --static
	@$(PY) manage.py serve

cluster: ready-dev ## PostgreSQL, Valkey, two processes and nginx on one port (PROCESSES=4, PORT=9000), as in production.
	@$(PY) -m deploy.local.cluster

# Bytecode, also where the environment forbids it: some 150 servers are started, and every worker reads all tests.
test: export PYTHONDONTWRITEBYTECODE =
test: ready-dev ## Installs what Python needs and runs every test; says which it skips for want of a program.
	@$(PY) -m compileall -q config deploy games lobby
	@$(PY) -m tests $(WORKERS)

check: ready-dev ## Style, types, templates, missing migrations, the direction of imports.
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@git ls-files -z 'templates/*.html' | xargs -0 .venv/bin/djade --target-version 5.2 --check
	@$(PY) manage.py makemigrations --check --dry-run --verbosity 1
	@$(PY) -m pytest -q tests/test_imports.py

soak: ready-dev ## Faults, races between processes, rubbish from strangers, perfect play and who plays it, at full length.
	@FOURLINE_SOAK=1 $(PY) -m pytest tests/faults tests/cluster tests/hardening tests/api tests/computer tests/honesty

bench: ready-dev ## Measures, and writes docs/performance.md (25 minutes; needs a C compiler).
	@$(PY) -m bench.run --write
	@$(PY) -m bench.cluster --write
	@$(PY) -m bench.engine --write
	@$(PY) -m bench.thinking --write
	@$(PY) -m bench.chatting --write
	@$(PY) -m bench.reviewing --write
	@$(PY) -m bench.standing --write

bench-peers: ready-dev ## The same with boardgame.io and Colyseus (needs Node and npm), and with PostgreSQL.
	@npm install --prefix bench/peers --no-package-lock --ignore-scripts --no-audit --no-fund --silent
	@$(PY) -m bench.run --write --peers

engine: ready-dev ## Compiles the solver, games/computer/solver/, to WebAssembly again.
	@$(PY) -m games.computer.solver.build

levels: ready-dev ## Plays the computer's levels against each other and prints how far apart they are (15 minutes).
	@$(PY) manage.py levels

requirements: ## Pins requirements*.in again (needs uv).
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements.in -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url requirements-dev.in -o requirements-dev.txt
