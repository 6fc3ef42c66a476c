# All that a person types. Works on a bare Debian 12 with python3, git and make, as any user; `make help` lists it.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python .setup/pip-26.3-py3-none-any.whl/pip
RUNTIME := $(VENV)/runtime.installed
DEV := $(VENV)/dev.installed
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' --quiet --extra sqlite --extra postgres --extra mariadb --extra stripe
PRODUCTION = ENV_FILE=/dev/null ENVIRONMENT=production ALLOWED_HOSTS=shop.example \
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(50))')

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.PHONY: help setup run test races bench chaos lint lock messages

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(RUNTIME) .env ## install the locked packages, write .env, prepare the database and the static files
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@echo "The shop is set up. Start it: make run"

run: $(RUNTIME) .env ## set up what is missing and start the shop and its queue (make run PORT=8001)
	@$(BIN)/python manage.py run_shop

test: $(DEV) ## run the tests on every database that answers (make test ARGS="-k queue")
	@$(BIN)/python -m tests.run $(ARGS)

races: $(DEV) ## a thousand pairs of each race about an order's money, on every database that answers
	@RACE_PAIRS=1000 $(BIN)/python -m tests.run -k test_orders_races

bench: $(DEV) ## measure the queue against plain SQL and the pages against an empty one (make bench ARGS="--quick")
	@$(BIN)/python -m tests.benchmarks $(ARGS)

chaos: $(DEV) ## kill and freeze workers at random, for long (make chaos ARGS="--database postgres --jobs 20000")
	@$(BIN)/python -m tests.chaos $(ARGS)

lint: $(DEV) ## check style, types, the boxes' boundaries, migrations, production settings and translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_boundaries.py
	$(BIN)/python manage.py makemigrations --check --dry-run
	@echo "$(BIN)/python manage.py check --deploy --fail-level WARNING, with production settings"
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python .ci/check_translations.py

messages: $(DEV) ## collect new texts for translation and compile the catalogues (needs gettext)
	$(BIN)/python manage.py makemessages --locale zh_Hans --add-location file --no-obsolete --ignore var --ignore tests
	$(BIN)/python manage.py compilemessages --ignore $(VENV)

lock: $(DEV) ## choose the newest allowed versions and write them, with hashes, into the lock files
	$(PIP) install --quiet uv
	$(LOCK) --upgrade --output-file requirements.txt
	$(LOCK) --upgrade --group dev --constraint requirements.txt --output-file requirements-dev.txt

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON). Name a Python: make setup PYTHON=..." >&2; exit 1; }
	@$(PYTHON) .setup/make_venv.py $(VENV)

$(RUNTIME): requirements.txt | $(BIN)/python
$(DEV): requirements-dev.txt | $(BIN)/python
$(RUNTIME) $(DEV):
	@echo "Installing the packages of $< ..."
	@$(PIP) install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

.env: | $(BIN)/python
	@umask 077; $(BIN)/python -c 'import secrets; print("# Made by make; .env.example explains each variable.");\
	print("SECRET_KEY=" + secrets.token_hex(50))' > $@
