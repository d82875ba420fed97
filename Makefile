# The project's commands; `make` alone lists them. Each needs only Python 3.11+ and make.

.DEFAULT_GOAL := help
.PHONY: help run test check format bench coverage lock clean setup messages screenshots
# Steps follow one another, also under make -j.
.NOTPARALLEL:

export PYTHON
PY := .venv/bin/python
SETUP := sh scripts/python scripts/setup.py
# What `check --deploy` asks: is a deployment sound whose settings are these? Nothing connects.
DEPLOYED := APP_ENV=production DATABASE_URL=postgresql://check@127.0.0.1/check \
	SECRET_KEY=checked-only-never-used-6tYw0xPq2LmZr8Vb5Nc1Hd7Kf3Gj9Sa4 \
	ALLOWED_HOSTS=example.org CACHE_URL=pymemcache://127.0.0.1:11211
step = @printf '%s\n' '--- $(1)'

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: ## Serve on http://localhost:8000 (PORT=8001 for another port) with the embedded PostgreSQL
	@sh scripts/python -m config.ports
	@$(SETUP)
	@exec $(PY) -m config.serve

test: setup ## Run every test (ARGS="-k assignment" for some)
	@exec $(PY) -m pytest $(ARGS)

check: setup ## Check format, lint, imports, types, migrations, deployment settings, file lengths
	$(call step,format)
	@$(PY) -m ruff format --check .
	$(call step,lint)
	@$(PY) -m ruff check .
	$(call step,import rules)
	@.venv/bin/lint-imports
	$(call step,types)
	@$(PY) -m mypy .
	$(call step,missing migrations)
	@$(PY) manage.py makemigrations --check --dry-run
	$(call step,deployment settings)
	@$(DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING
	$(call step,file lengths)
	@$(PY) scripts/file_lengths.py
	$(call step,all checks passed)

format: setup ## Format the code and mend what lint can mend
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

bench: setup ## Measure the product against what the stack allows (ARGS="--events 1000000")
	@exec $(PY) -m benchmarks $(ARGS)

coverage: setup ## Run every test and show which lines and branches they miss
	@exec $(PY) -m pytest --cov --cov-report=term $(ARGS)

screenshots: setup ## Take pictures of every page (var/screenshots) and renew the README's (ARGS=home for some)
	@exec $(PY) scripts/screenshots.py $(ARGS)

messages: setup ## Bring the catalogs of translations up to date, and compile them
	@exec $(PY) scripts/messages.py

lock: setup ## Compile requirements*.txt from pyproject.toml (ARGS=--upgrade for newer releases)
	@$(PY) -m uv pip compile $(LOCK_OPTIONS) --output-file requirements.txt pyproject.toml $(ARGS)
	@$(PY) -m uv pip compile $(LOCK_OPTIONS) --output-file requirements-dev.txt pyproject.toml \
		--extra dev --constraint requirements.txt $(ARGS)

# One lock for every Python and system, with hashes and without the address of any index.
LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate --no-emit-index-url

clean: ## Remove caches and reports; data (var/) and .venv stay
	@rm -rf .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path './var/*' -prune -exec rm -rf {} +

setup:
	@$(SETUP)
