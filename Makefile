# The commands of this lab. Each is thin: what it does is in lab/ (python -m lab VERB), or
# in tests/ (python -m tests VERB).
SHELL := /bin/sh
.DEFAULT_GOAL := help
# In small letters: a variable called LAB would be passed on in place of the LAB=up that people say.
lab := .venv/bin/python -m lab
tests := .venv/bin/python -m tests

# The first Python that is new enough and really runs (version managers leave stubs around).
# PYTHON=/path/to/python3 names one.
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
with_python = for python in $(PYTHONS); do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& exec $$python $(1); done; \
	echo 'Python 3.11 or newer is needed. Debian: apt-get install python3' >&2; exit 1

.PHONY: help up down status logs manage reset test e2e mutants soak bench doctor screenshots lint reference generate lock

help: ## show this help
	@echo 'make VERB, where VERB is one of'
	@sed -n 's/^\([a-z0-9]*\):.*## /  \1 /p' $(MAKEFILE_LIST) | awk '{v=$$1; $$1=""; printf "  %-12s%s\n", v, $$0}'
	@echo
	@echo 'Settings: RUNTIME=compose|local   LAB_PORT=8090   LAB_STATE=folder'

up: .venv/lab.stamp ## start the lab; say where it is, who can sign in and what to try
	@$(lab) up

down: .venv/lab.stamp ## stop the lab; its data stays
	@$(lab) down

status: .venv/lab.stamp ## is it up, and does every site answer?
	@$(lab) status

logs: .venv/lab.stamp ## what the services say (SERVICE=nginx, or a site)
	@$(lab) logs $(SERVICE)

# Word for word: make doesn't expand what is in ARGS, and no shell sees it.
override ARGS := $(value ARGS)
export SITE ARGS
manage: .venv/lab.stamp ## a site's management command (SITE=server ARGS="sso_consumer Notes")
	@$(lab) manage

reset: .venv/lab.stamp ## back to the first day: all data is deleted
	@$(lab) reset

test: .venv/test.stamp ## run all tests, on a lab of their own
	@$(tests) test

e2e: .venv/test.stamp ## run the browser tests (LAB=up HEADED=1 BROWSER=firefox)
	@$(tests) e2e

mutants: .venv/test.stamp ## is there a test for each sentence of docs/protocol.md? (ONLY=wire)
	@.venv/bin/python -m tests.mutants $(ONLY)

soak: .venv/test.stamp ## the long runs: 20,000 log-ins at once, 100,000 malformed requests
	@$(tests) soak

bench: .venv/test.stamp ## measure the lab beside stock and a floor (QUICK=1: in a minute)
	@.venv/bin/python -m bench

doctor: ## find out what is wrong with this machine, and how to mend it
	@$(call with_python,-m lab doctor)

screenshots: .venv/test.stamp ## take the README's pictures again
	@$(tests) screenshots

lint: .venv/test.stamp ## check style and types
	@$(tests) lint

reference: .venv/test.stamp ## write docs/api.md from the kit's docstrings
	@$(tests) reference

generate: ## write what follows from lab.toml into README.md, docker-compose.yml, ...
	@$(call with_python,-m lab generate)

# For maintainers, with uv: the hashed requirements, without any index's address.
LOCK = uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"
lock:
	for set in site lab test; do $(LOCK) --python-version 3.11 \
		--override requirements/overrides.txt requirements/$$set.in -o requirements/$$set.txt; done
	for django in 60 61; do $(LOCK) --python-version 3.12 \
		--override requirements/overrides-django$$django.txt requirements/test.in \
		-o requirements/test-django$$django.txt; done
	$(LOCK) --python-version 3.11 requirements/stock.in -o requirements/stock.txt

# One virtual environment; the tests' set of packages contains the lab's.
.venv/%.stamp: requirements/%.txt
	@$(call with_python,-m lab.machine.bootstrap $*)
