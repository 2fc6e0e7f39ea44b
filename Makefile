# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A fresh machine needs git, make and Python 3.10 or later with its venv module; all else comes from the package index.

# Any Python runs nox: nox then looks for those to test with. The first that is recent enough and can make
# environments; not simply "python3", which may be an old one or a shim that leads nowhere.
CANDIDATES := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python3.10
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))

# Caches too stay in the checkout.
export XDG_CACHE_HOME := $(CURDIR)/.nox/cache

NOX := .venv/bin/python -m nox
READY := .venv/.ready
REPORT := .nox/report.json
# Sessions side by side. Each session's output then appears when it ends; JOBS=1 shows it as it comes.
JOBS ?= 2
# Passed on to the unit tests of make check, the demo, the measurements and the server.
ARGS ?=

.PHONY: test check test-directory demo bench server lock clean

test: $(READY)
	@.venv/bin/python tests/tools/pythons.py
	@mkdir -p .nox && rm -f $(REPORT)
	@status=0; $(NOX) -j $(JOBS) --report $(REPORT) || status=$$?; \
	.venv/bin/python tests/tools/summary.py $(REPORT) || status=1; \
	exit $$status

# The quick loop while writing: style, types, contracts on imports, and the unit tests on the newest ansible-core alone.
# `make check ARGS=tests/unit/test_metadata.py` runs one file of them. What is finished has to pass `make test`.
check: $(READY)
	@$(NOX) -j $(JOBS) -s lint quick -- $(ARGS)

# The domain's programs are Debian's; whoever is root gets them installed.
test-directory: $(READY)
	@tests/tools/debian_packages.sh directory
	@$(NOX) -s directory -- --required $(ARGS)

demo bench server: $(READY)
	@$(NOX) -s $@ -- $(ARGS)

$(READY): tests/requirements/nox.txt tests/requirements/constraints.txt
	@for python in $(CANDIDATES); do \
		"$$python" -c '$(USABLE)' 2>/dev/null && exec "$$python" -m venv --clear .venv; \
	done; \
	echo "No Python 3.10 or later with the venv module found; set PYTHON." >&2; exit 1
	@.venv/bin/python -m pip install -qq --disable-pip-version-check \
		-c tests/requirements/constraints.txt -r tests/requirements/nox.txt
	@touch $@

# Writes the pinned versions anew, with the latest releases.
LOCK := .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.10 --no-annotate \
	--no-emit-package ansible-core --no-emit-package resolvelib --custom-compile-command 'make lock'
NAMES := $(filter-out %/galaxy.txt %/constraints.txt %/constraints-galaxy.txt,$(wildcard tests/requirements/*.txt))

lock: $(READY)
	@$(LOCK) -o tests/requirements/constraints.txt $(NAMES)
	@$(LOCK) -o tests/requirements/constraints-galaxy.txt tests/requirements/galaxy.txt

clean:
	rm -rf .venv .nox .ansible .mypy_cache .pytest_cache .ruff_cache tests/output
