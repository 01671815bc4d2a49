# The two commands of Parley, and what they are made of. Each target says what it does: `make help`.
.DEFAULT_GOAL := help
.PHONY: help run phone test coverage check bench setup lock clean

# A fresh machine has only the system's Python; deploy/python.sh picks one that is new enough.
STEP := @sh deploy/python.sh -m deploy.steps
PARLEY_PROFILE := $(or $(PROFILE),$(PARLEY_PROFILE))
ifneq ($(PARLEY_PROFILE),)
export PARLEY_PROFILE
endif

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1	/p' Makefile

run: ## set up what is missing, start livekit-server, the worker and the page (PROFILE=shop chooses another deployment)
	$(STEP) venv livekit-server page
	@exec .venv/bin/python -m deploy.run

phone: ## like run, and telephones can call: Redis and livekit-sip too, with the trunks and numbers of deploy/sip/
	$(STEP) venv livekit-server redis livekit-sip page
	@exec .venv/bin/python -m deploy.run --phone

test: ## set up what is missing and run every test (TESTS=tests/agent chooses some)
	$(STEP) --dev venv livekit-server livekit-sip page
	@exec sh tests/run.sh $(TESTS)

coverage: ## run every test and tell which lines none reaches, those of job processes included (twice as long)
	$(STEP) --dev venv livekit-server livekit-sip page
	@exec sh tests/run.sh $(TESTS) --cov

check: ## the quick checks alone: ruff, mypy, import-linter
	$(STEP) --dev venv
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/mypy agent.py
	.venv/bin/lint-imports --no-logo

bench: ## measure what a caller hears: speed against a plain agent, then turn-taking (long; let nothing else run)
	$(STEP) --dev venv livekit-server
	.venv/bin/python -m evals latency --turns 100 --plain-turns 20
	.venv/bin/python -m evals turns

setup: ## only the set-up that `make run` begins with
	$(STEP) venv livekit-server page

lock: ## write requirements.lock and requirements-dev.lock anew from pyproject.toml
	$(STEP) lock

clean: ## remove everything that the set-up made and that a run logged; databases in var/ stay
	rm -rf .venv .cache frontend/node_modules frontend/vendor var/log
