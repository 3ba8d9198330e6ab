# Every target sets up .venv first, which takes no time when it is up to date (.ci/venv).
# PYTHON=...    the interpreter to make .venv with, 3.12 or 3.13; found by itself if unset (.ci/python)
# WORKERS=...   test processes        COVERAGE=...   the least coverage that passes, in percent
# BENCH=...     what to ask: BENCH='--only dense --quick', see BENCH=--help
WORKERS ?= 2
COVERAGE ?= 90

run := .venv/bin/python -m
yaml := $(wildcard models/*.yaml models/cells/*.yaml models/synapses/*.yaml protocols/*.yaml)

export MPLBACKEND := Agg

.PHONY: demo test test-slow bench lint format clean venv

demo: venv
	.venv/bin/neuroam run recall_digits -o runs/demo --overwrite
	@test -f runs/demo/raster.png || { echo "the run left no runs/demo/raster.png" >&2; exit 1; }
	@echo "The raster of this run: runs/demo/raster.png"

test: lint
	$(run) pytest -m "not slow and not cuda" -n $(WORKERS) --dist worksteal \
		--cov --cov-report=term --cov-fail-under=$(COVERAGE)

test-slow: venv
	$(run) pytest -m "slow and not cuda" -n $(WORKERS) --dist worksteal

# Not part of the tests: a table of times and no verdict. NEST and JAX take part where they are installed in .venv.
bench: venv
	$(run) tests.benchmarks $(BENCH)

lint: venv
	$(run) ruff check
	$(run) ruff format --check
	$(run) mypy
	.venv/bin/lint-imports
	@find neuroam -name '*.py' -exec awk 'FNR == 501 {print FILENAME ": more than 500 lines"; bad = 1} END {exit bad}' {} +
	.venv/bin/neuroam check $(yaml)

format: venv
	$(run) ruff check --fix
	$(run) ruff format

venv:
	@sh .ci/venv

# Leaves runs/ alone: results are not ours to delete.
clean:
	rm -rf .venv build dist htmlcov .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
		.hypothesis .benchmarks *.egg-info
	find neuroam tests -name __pycache__ -prune -exec rm -rf {} +
