.DEFAULT_GOAL := help
.PHONY: help run test lint fmt types unit integration e2e lock audit clean

BIN := .venv/bin

# As the workers have it: chains share the cores already, and small matrices only lose by more threads.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
# The tests start dozens of processes: each would compile every module anew where a shell forbids to keep that.
export PYTHONDONTWRITEBYTECODE :=

# Two workers that take file after file, in the order in which they were found: the long ones lie at the beginning.
SPREAD := -n 2 --dist loadfile --no-loadscope-reorder

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## start MixModel on this machine and print its address (Ctrl-C stops everything)
	@tools/bootstrap
	@exec $(BIN)/python -m mixmodel_app.cli up

test: lint types unit integration e2e ## everything below that checks something, as CI runs it

lint: dev ## style, formatting and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: dev ## static types
	$(BIN)/basedpyright

unit: dev ## tests that need no server
	$(BIN)/pytest tests/architecture tests/unit $(SPREAD)

integration: dev ## tests on a real Postgres and Valkey, with real fits
	$(BIN)/pytest tests/integration $(SPREAD)

e2e: dev ## tests in a real browser on a running MixModel
	tools/e2e

fmt: dev ## put the code into its format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: ## renew the requirements*.lock (needs uv)
	tools/lock

audit: dev ## ask a public database about known vulnerabilities (needs a network; without one it says so)
	tools/audit

clean: ## remove the environment and everything that was built; data stays
	rm -rf .venv .web .mixmodel .states .pytest_cache .ruff_cache .hypothesis .import_linter_cache reflex.lock

.PHONY: dev
dev:
	@tools/bootstrap dev
