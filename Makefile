# Each target sets up what it needs; nothing is done twice.
.PHONY: nightly test test-long lint style format ui prove faults crash readers fuzz workers week snapshot bench audit lock clean help
PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/ready
export DO_NOT_TRACK := 1

nightly: $(READY)  ## set up, run the main job on the bundled figures, publish
	$(BIN)/borderledger nightly

test: style  ## formatter, linter, then every short test, the type checker among them (minutes)
	$(BIN)/python -m pytest -m "not long"

test-long: $(READY)  ## the other tests: nights in a row, kills, restarts, the UI at work (CI runs both)
	$(BIN)/python -m pytest -m long

lint: style  ## formatter, linter, type checker, SQL linter
	$(BIN)/pyrefly check
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models

style: $(READY)  ## formatter and linter
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet

format: $(READY)  ## format the code and fix what the linter can
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet

ui: $(READY)  ## start Dagster's web server and daemon on the loopback address
	$(BIN)/borderledger ui

prove: faults crash readers fuzz  ## the long forms of what "make test" tries in short (two hours)

faults: $(READY)  ## inflict the catalogue of faults, look for false alarms, print the score
	$(BIN)/python -m tests.resilience.faults
	$(BIN)/python -m tests.resilience.kinds

crash: $(READY)  ## kill the job 50 times; full disk, read-only home
	$(BIN)/python -m tests.resilience.crash

readers: $(READY)  ## ten readers while builds are published over and over
	$(BIN)/python -m tests.resilience.readers_under_load

fuzz: $(READY)  ## every reader on mutated files
	$(BIN)/python -m tests.resilience.fuzz

workers: $(READY)  ## the agencies' releases on two workers of Dask, each killed in turn
	$(BIN)/python -m tests.resilience.workers

week: $(READY)  ## ten nights that nobody watches, and the alerts: prints the table of docs/operations.md
	$(BIN)/python -m tests.resilience.week --messages

snapshot: $(READY)  ## update the snapshot of the asset graph, and the page of the claims
	$(BIN)/python -m tests.pipeline.asset_graph
	$(BIN)/python -m tests.pipeline.claims_table

bench: $(READY)  ## the job's time and memory, and how they grow up to 100 times the rows; the UI, check, the report (hours)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.ui
	$(BIN)/python -m benchmarks.check
	$(BIN)/python -m benchmarks.report
	$(BIN)/python -m benchmarks.growth --plot docs/growth.png

audit:  ## known vulnerabilities of the locked dependencies (needs pip-audit and a network)
	pip-audit --disable-pip --no-deps --requirement requirements.lock

lock: $(READY)  ## resolve the dependencies again
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --no-strip-extras --all-extras --output-file requirements.lock pyproject.toml

# uv, which pip installs with its hash, installs the rest in seconds; where it cannot, pip does.
# uv does not read pip's configuration, so the index that pip uses is handed over.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL := install --require-hashes --requirement requirements.lock
ITSELF := install --no-deps --no-build-isolation --editable .

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	awk '/^[^ ]/ { wanted = /^uv==/ } wanted' requirements.lock >.venv/uv.lock
	index=$${PIP_INDEX_URL:-$$($(PIP) config get global.index-url 2>/dev/null)}; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	export VIRTUAL_ENV="$(CURDIR)/.venv"; \
	if $(PIP) install --require-hashes --requirement .venv/uv.lock \
	  && $(BIN)/uv pip $(INSTALL) --quiet && $(BIN)/uv pip $(ITSELF) --quiet; \
	then echo "installed with uv"; else $(PIP) $(INSTALL) && $(PIP) $(ITSELF); fi
# uv does not compile what it installs; where Python may not do so later, as in many containers, each
# start of a process would compile its libraries anew, which takes longer than all that it does
	$(BIN)/python -m compileall -q -j 0 -x '/tests?/' .venv/lib orchestration
	$(BIN)/python -m orchestration.report.scripts
	touch $@

clean:  ## remove the environment and what dbt writes
	rm -rf .venv dbt_project/target dbt_project/logs

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
