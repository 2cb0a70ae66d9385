.DEFAULT_GOAL := help
.PHONY: help environment run explorer migrate seed test test-sqlite cross-owner faults fuzz bench memory growth check format schema docs dashboards lock licences audit-environment audit sbom release clean
.PHONY: ops-environment verify-terraform verify-dashboards image verify-image verify-compose
.PHONY: verify-grafana verify-k8s verify-rollout verify-workflows

# Behind a company's certificate authority only the system's certificates will do.
export UV_SYSTEM_CERTS ?= true

# Where it is set, each of the hundreds of processes that tests start compiles all it imports: twice the time of all tests.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
OPS := .tools/ops/bin/python
PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 6 --dist worksteal
# The browser tests want the explorer, and are skipped where there is no Chromium.
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --custom-compile-command "make lock"

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment:
	@tools/environment.sh

run: environment ## Serve on APP_HOST:APP_PORT; APP_* are the settings
	@tools/explorer.sh || echo "The explorer could not be built: serving without it." >&2
	@exec $(BIN)/python -m todo_gql serve

explorer: environment ## Build the pages of /graphql and /docs
	@tools/explorer.sh

migrate: environment ## Bring the database of APP_DATABASE_URL up to date
	@$(BIN)/python -m todo_gql migrate

seed: environment ## Create 42 example todos at the service that runs on port 8082
	@$(BIN)/python -m todo_gql seed

test: environment $(if $(CHROMIUM),explorer) ## Run the tests; ARGS go to pytest
	$(PYTEST) $(ARGS)

test-sqlite: environment ## Run the tests on SQLite that start nothing: no PostgreSQL, browser or process; ARGS go to pytest
	$(PYTEST) -m "not (postgresql or process or browser)" $(ARGS)

cross-owner: environment ## Try everything with another owner's todos, and write docs/cross-owner.md
	CROSS_OWNER_TABLE=docs/cross-owner.md $(BIN)/pytest --quiet tests/owners

faults: environment ## Break the database and the service under load, and audit what is lost; ARGS="--only restarted"
	$(BIN)/python -m tests.faults $(ARGS)

fuzz: environment ## Try to break what the service describes, for minutes; ARGS="--max-examples 5000"
	$(BIN)/python -m tests.fuzz $(ARGS)

bench: environment ## Measure operations beside other servers, workers, hostile requests, subscriptions and telemetry; BENCH_PEERS=1 adds those from npm
	@bench/peers/environment.sh
	$(BIN)/python -m bench.compare
	$(BIN)/python -m bench.workers
	$(BIN)/python -m bench.hostile
	$(BIN)/python -m bench.fanout
	$(BIN)/python -m bench.telemetry

memory: environment ## Measure memory: idle, over 100,000 requests, and while a million todos are read; takes ten minutes
	$(BIN)/python -m bench.memory

growth: environment ## Measure operations on 1,000, 100,000 and 3 million todos; takes ten minutes, and 4 GB
	$(BIN)/python -m bench.growth

check: environment ## Check the code without running it
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python tools/schema_changes.py
	ops/tools/lint.sh
	@# What the locks installed is what pyproject.toml asks for.
	$(BIN)/uv pip install --quiet --dry-run --offline --no-cache --python .venv --group dev -r pyproject.toml

format: environment ## Lay out the code, and mend what ruff can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

dashboards: environment ## Write ops/dashboards anew
	$(BIN)/python -m tools.dashboards

verify-dashboards: environment ## Prove every query and every alert on real data; TOOLS has vmagent and prometheus
	@$(BIN)/python -m tools.verify_dashboards
	@$(BIN)/pytest --quiet -m prometheus tests/ops/test_alert_rules.py

schema: environment ## Write schema.graphql anew
	$(BIN)/python -m todo_gql schema > schema.graphql.new
	mv schema.graphql.new schema.graphql

docs: environment ## Write docs/telemetry.md anew
	$(BIN)/python -m tools.telemetry_page > docs/telemetry.md.new
	mv docs/telemetry.md.new docs/telemetry.md

image: ## Build the image todo-app
	@ops/tools/image.sh

verify-image: environment ## Build the image, look into it, run it strictly
	@ops/tools/engine/with-engine.sh $(BIN)/python -u -m ops.tools.verify_image

verify-compose: environment ## Bring docker-compose.yml up, break it, look again
	@ops/tools/engine/with-engine.sh $(BIN)/python -u -m ops.tools.verify_compose

verify-grafana: environment ## Bring everything up with the real Grafana, and ask it what it has; needs a registry
	@ops/tools/engine/with-engine.sh $(BIN)/python -u -m ops.tools.verify_grafana

lock: environment ## Pin the dependencies anew; ARGS=--upgrade takes newer ones
	$(LOCK) $(ARGS) -o requirements.txt pyproject.toml
	$(LOCK) $(ARGS) -o requirements-dev.txt -c requirements.txt --group dev pyproject.toml
	$(LOCK) $(ARGS) -o requirements-node.txt --group node
	$(LOCK) $(ARGS) -o ops/tools/requirements.txt --group ops
	$(LOCK) $(ARGS) -o bench/peers/requirements.txt -c requirements.txt --group bench
	$(LOCK) $(ARGS) -o requirements-audit.txt --group audit

licences: environment ## List the licences of what the service is installed with
	@$(BIN)/python -m tools.licences

audit-environment: environment
	@ops/tools/environment.sh audit requirements-audit.txt

audit: audit-environment ## Ask PyPI for known holes in what the locks pin
	@for lock in requirements*.txt ops/tools/requirements.txt bench/peers/requirements.txt; do \
		echo "$$lock" >&2; \
		.tools/audit/bin/pip-audit --require-hashes --disable-pip --requirement "$$lock" || exit; \
	done

sbom: audit-environment ## Write sbom.cdx.json: what the service consists of (CycloneDX)
	@# What Poetry is told there would be taken for the whole description of the project, which has no name then.
	@sed '/^\[tool\./,$$d' pyproject.toml > .tools/audit/pyproject.toml
	@.tools/audit/bin/cyclonedx-py requirements --pyproject .tools/audit/pyproject.toml --output-reproducible \
		--output-file sbom.cdx.json requirements.txt

release: environment ## Commit and tag a version of main, when all is green: VERSION=1.2.0
	@$(BIN)/python tools/release.py "$(VERSION)"

ops-environment: environment
	@ops/tools/environment.sh

verify-terraform: ops-environment ## Check ops/terraform: layout, plans, tests, policies
	@$(OPS) -m ops.tools.verify_terraform

verify-k8s: ops-environment ## Check ops/k8s: every overlay, schemas, policies
	@$(OPS) -m ops.tools.verify_k8s

verify-rollout: ops-environment ## Replace the service behind a real Traefik; no request may fail
	@$(BIN)/python -m ops.tools.verify_rollout

verify-workflows: ops-environment ## Check .github and every shell script
	@# jactionlint finds shellcheck on the path, for what the workflows run.
	@PATH="$(CURDIR)/.tools/ops/bin:$$PATH" jactionlint --strict-exit
	@.tools/ops/bin/zizmor --offline --quiet .github
	@.tools/ops/bin/shellcheck $$(git ls-files '*.sh')

clean: ## Remove the environment and every cache
	rm -rf explorer/node_modules todo_gql/graphql/graphiql/static
	rm -rf .venv .tools .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -prune -exec rm -rf {} +
