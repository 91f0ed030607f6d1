# Everything lands in .venv and in the user's cache directory; `make clean` removes the former.
NEW_ENOUGH := 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for one in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$one -c $(NEW_ENOUGH) 2>/dev/null && echo $$one && break; done)
VENV := .venv
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test clean

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

demo: $(VENV)/.demo ## from nothing to a breakpoint in a process behind a jump host, on this machine
	@$(VENV)/bin/python -m tests.demo

test: $(VENV)/.test ## all checks and tests
	$(VENV)/bin/invoke test

clean: ## remove what `make` has installed here
	rm -rf $(VENV)

$(VENV)/.demo $(VENV)/.test: $(VENV)/.%: pyproject.toml | $(VENV)/.python
	@echo "installing remotego and what its $* needs into $(VENV) ..."
	@$(VENV)/bin/pip install --quiet --editable '.[$(EXTRAS)]'
	@$(VENV)/bin/python -m compileall -q remotego tasks.py
	@touch $@

$(VENV)/.demo: EXTRAS := demo
$(VENV)/.test: EXTRAS := dev,demo

$(VENV)/.python:
	@test -n "$(PYTHON)" || { echo "error: there is no Python 3.11 or later with venv;" \
		"try: apt-get install python3-venv, or make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@
