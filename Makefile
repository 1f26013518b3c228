# Every chore has one door. `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= $(or $(shell command -v python3.11),python3)
BIN := .venv/bin
PY := $(BIN)/python
SEAT := $(if $(DISPLAY)$(WAYLAND_DISPLAY),display,run)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard resources/i18n/*.po))
READY := .venv/.ready $(CATALOGUES)

.PHONY: help run test check bench shots package messages licences migration catalogue fonts icons lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) .venv/.packages-$(SEAT) ## open the demo; without a display, work it into out/field-day/
	$(BIN)/insuragent run-demo

test: $(READY) .venv/.packages-test ## every test, off-screen, with a real PostgreSQL and a real Secret Service
	@tools/test.sh

check: $(READY) ## format, lint, types, import contracts, translations, and no hollow or duplicate code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --package insuragent --package bench --package tools
	$(BIN)/lint-imports
	$(PY) -m tools.messages check
	$(PY) -m tools.check

bench: $(READY) .venv/.packages-test ## every figure beside its peers, or one group: make bench only=start
	$(PY) -m bench $(only)

shots: $(READY) .venv/.packages-run ## pictures of every page and sheet into out/shots/
	$(PY) -m tools.shots

package: $(READY) .venv/.packages-package ## the frozen program into dist/insuragent/, then its field day as a smoke test
	$(PY) -m tools.licences texts build/licences
	$(BIN)/pyinstaller --noconfirm --log-level WARN build.spec
	dist/insuragent/insuragent demo --out out/package

messages: .venv/.ready ## gather the texts to translate into resources/i18n/en.po
	$(PY) -m tools.messages update

licences: .venv/.ready ## write THIRD-PARTY.md from what is installed
	$(PY) -m tools.licences write

migration: .venv/.ready ## write the migration for changed records: make migration m="add claim"
	$(PY) -m tools.migration "$(m)"

catalogue: .venv/.ready ## make and sign the sample products in resources/catalogue/
	$(PY) -m tools.make_catalogue

fonts: .venv/.ready ## make the bundled fonts in resources/fonts/
	$(PY) -m tools.make_fonts

icons: .venv/.ready ## make the icons in resources/icons/
	$(PY) -m tools.make_icons

lock: ## pin every dependency with hashes in requirements.lock (needs uv)
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --output-file requirements.lock

.venv/.ready: requirements.lock pyproject.toml tools/setup.py
	@$(PYTHON) tools/setup.py environment

.venv/.packages-%: tools/setup.py | .venv/.ready
	@$(PYTHON) tools/setup.py packages $*

%.mo: %.po | .venv/.ready
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
