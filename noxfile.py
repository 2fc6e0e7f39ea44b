# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that is tested. `make test` runs it all; `.venv/bin/python -m nox -s units` runs a part.

Every session works on a copy of the working tree (tests/tools/copies.py) in an environment of its own
(tests/tools/environments.py), both in .nox: nothing outside the checkout is read or written.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).resolve().parent / "tests" / "tools"))

import environments
import linters
import servers
import tarball
import targets
from checkout import ROOT
from copies import Copy, copy_for
from environments import CHOICES, NEWEST, OLDEST, install, install_community, install_lowest, install_runtime
from pythons import dotted

nox.needs_version = ">=2026.10.20"
# The longest first, after the quickest: two side by side then end at about the same time.
nox.options.sessions = [
    *("lint", "integration", "units", "lowest", "sanity", "hostile", "simulator", "runner", "pages"),
    *("docs", "ansible-lint", "galaxy", "waits", "directory"),
]
environments.set_up()

newest = nox.session(python=NEWEST.python.path, allow_parallel=True)
newest_alone = nox.session(python=NEWEST.python.path)
oldest_and_newest = nox.parametrize(
    "python,choice", [nox.param(choice.python.path, name, id=name) for name, choice in CHOICES.items()]
)


@newest
def lint(session: nox.Session) -> None:
    """Style, types, contracts on imports, YAML, shell and licences."""
    install(session, "lint", "runtime", "simulator", "adfs", "bench", "runner", "pages", ansible=NEWEST)
    linters.run_all(copy_for(session))


@nox.session(allow_parallel=True)
@oldest_and_newest
def units(session: nox.Session, choice: str) -> None:
    """tests/unit by ansible-test."""
    chosen = CHOICES[choice]
    install_runtime(session, chosen, "units", "adfs")
    # Without --python it would run the tests of module_utils on Pythons that lack the packages as well.
    copy_for(session).ansible_test(chosen, "units", "--python", dotted(chosen.python.version), *session.posargs)


@nox.session(python=OLDEST.python.path, allow_parallel=True)
def lowest(session: nox.Session) -> None:
    """The unit tests and a few targets with the lowest versions of the libraries that the metadata names."""
    install_runtime(session, OLDEST, "units", "adfs")
    install_lowest(session)
    copy = copy_for(session)
    unit_tests(copy)
    if not session.posargs:
        with servers.for_integration_targets(copy):
            copy.ansible_test(OLDEST, "integration", "--continue-on-error", *targets.FEW)


@newest
def quick(session: nox.Session) -> None:
    """The same tests by pytest itself, without the process that ansible-test forks for each of them."""
    install_runtime(session, NEWEST, "units", "adfs")
    unit_tests(copy_for(session))


def unit_tests(copy: Copy) -> None:
    """The unit tests in a few processes. More than there are cores, because many tests wait for a server."""
    # Some files of different folders have the same name.
    options = ("-q", "-n", "4", "--import-mode=importlib")
    copy.run("python", "-m", "pytest", *options, *(copy.session.posargs or ["tests/unit"]), env=copy.importable)


@newest
def simulator(session: nox.Session) -> None:
    """The tests of the reference server and of the stand-in for AD FS themselves."""
    install_runtime(session, NEWEST, "adfs")
    copy_for(session).pytest("tests/simulator/tests", "tests/adfs/tests")


@newest
def hostile(session: nox.Session) -> None:
    """Every module and lookup against every fault of a network; mostly waiting, so with more workers than cores."""
    install_runtime(session, NEWEST, "units")
    copy = copy_for(session)
    copy.pytest("tests/hostile", "-q", "-n", "6", env=copy.importable)


@newest
def runner(session: nox.Session) -> None:
    """Playbooks under ansible-runner, as AWX and execution environments run them."""
    install_runtime(session, NEWEST, "runner")
    copy_for(session).pytest("tests/runner", "-q")


@newest
def pages(session: nox.Session) -> None:
    """The page of the role compliance_report in a browser; skipped, and said so, without Debian's Chromium."""
    install_runtime(session, NEWEST, "pages")
    copy_for(session).run("python", "tests/pages", "-q", "-n", "2", "--dist", "loadfile", *session.posargs)


@nox.session(allow_parallel=True)
@oldest_and_newest
def sanity(session: nox.Session, choice: str) -> None:
    """All of ansible-test's sanity tests."""
    install(session, "sanity", ansible=CHOICES[choice])
    copy_for(session).ansible_test(CHOICES[choice], "sanity", *session.posargs)


@nox.session
@oldest_and_newest
def waits(session: nox.Session, choice: str) -> None:
    """The integration targets that wait, against the reference server."""
    run_targets(session, choice, targets.TIMED)


@nox.session(allow_parallel=True)
@oldest_and_newest
def integration(session: nox.Session, choice: str) -> None:
    """All other integration targets, against the reference server."""
    run_targets(session, choice, targets.untimed(ROOT, long=choice == "newest"))


def run_targets(session: nox.Session, choice: str, names: list[str]) -> None:
    install_runtime(session, CHOICES[choice], "adfs")
    install_community(session, CHOICES[choice])
    copy = copy_for(session)
    with servers.for_integration_targets(copy):
        copy.ansible_test(CHOICES[choice], "integration", "--continue-on-error", *(session.posargs or names))


# Its tickets live for seconds, and its clocks may differ by two: not in parallel with others either.
@newest_alone
def directory(session: nox.Session) -> None:
    """A real Active Directory domain and Apache; skipped, and said so, without root or Debian's packages."""
    install_runtime(session, NEWEST, "adfs")
    copy = copy_for(session)
    copy.run("python", "tests/directory", *session.posargs, env=copy.importable)


@nox.session(name="ansible-lint", python=NEWEST.python.path, allow_parallel=True)
def ansible_lint(session: nox.Session) -> None:
    """ansible-lint with the production profile."""
    install(session, "ansible-lint", ansible=NEWEST)
    install_community(session, NEWEST)
    copy_for(session).run("ansible-lint", "--offline")


@newest
def docs(session: nox.Session) -> None:
    """The plugins' documentation and the changelog."""
    install(session, "docs", ansible=NEWEST)
    copy = copy_for(session)
    copy.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", ".")
    copy.run("antsibull-changelog", "lint")


@newest
def galaxy(session: nox.Session) -> None:
    """The tarball: build, install, import as Galaxy does, and use."""
    install(session, "galaxy", ansible=NEWEST)
    tarball.check(copy_for(session))


# Sessions with make targets of their own. The script is the checkout's, so that what it leaves behind is found there;
# the collection is the copy.


@newest
def demo(session: nox.Session) -> None:
    """The demonstration."""
    install_runtime(session, NEWEST)
    copy_for(session).run("python", "demo/run.py", *session.posargs, folder=ROOT)


@newest
def bench(session: nox.Session) -> None:
    """The measurements."""
    install_runtime(session, NEWEST, "adfs", "bench")
    copy_for(session).run("python", "tests/bench/bench.py", *session.posargs, folder=ROOT)


@newest
def server(session: nox.Session) -> None:
    """The reference server, until it is interrupted."""
    install_runtime(session, NEWEST)
    copy_for(session).run("python", "tests/simulator", *session.posargs, folder=ROOT)
