.DEFAULT_GOAL := help
.PHONY: help environment run migrate seed test check format schema lock clean

# Behind a company's certificate authority only the system's certificates will do.
export UV_SYSTEM_CERTS ?= true

BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --custom-compile-command "make lock"

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment:
	@tools/environment.sh

run: environment ## Serve on APP_HOST:APP_PORT; APP_* are the settings
	@exec $(BIN)/python -m todo_gql serve

migrate: environment ## Bring the database of APP_DATABASE_URL up to date
	@$(BIN)/python -m todo_gql migrate

seed: environment ## Create 42 example todos at the service that runs on port 8082
	@$(BIN)/python -m todo_gql seed

test: environment ## Run the tests; ARGS go to pytest
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 $(ARGS)

check: environment ## Check the code without running it
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	@# What the locks installed is what pyproject.toml asks for.
	$(BIN)/uv pip install --quiet --dry-run --offline --no-cache --python .venv --group dev -r pyproject.toml

format: environment ## Lay out the code, and mend what ruff can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

schema: environment ## Write schema.graphql anew
	$(BIN)/python -m todo_gql schema > schema.graphql.new
	mv schema.graphql.new schema.graphql

lock: environment ## Pin the dependencies anew; ARGS=--upgrade takes newer ones
	$(LOCK) $(ARGS) -o requirements.txt pyproject.toml
	$(LOCK) $(ARGS) -o requirements-dev.txt -c requirements.txt --group dev pyproject.toml

clean: ## Remove the environment and every cache
	rm -rf .venv .tools .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -prune -exec rm -rf {} +
