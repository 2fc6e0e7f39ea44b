# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that is tested. `make test` runs it all; `.venv/bin/python -m nox -s units` runs a part.

Every session works on a copy of the working tree, below a folder named as Ansible wants it, with a home of its own in
.nox: nothing outside the checkout is read or written.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / "tests" / "tools"
REQUIREMENTS = ROOT / "tests" / "requirements"
WORK = ROOT / ".nox"
sys.path.insert(0, str(TOOLS))

import pythons
import scratch
import targets

FOUND = pythons.discover(os.environ.get("PATH", os.defpath))
OLDEST, NEWEST = pythons.choose(FOUND, pythons.SERIES)
CHOICES = {"oldest": OLDEST, "newest": NEWEST}


def environments() -> Path:
    """The folder of the virtual environments: .nox, or a link to it.

    A script's first line cannot name an interpreter whose path holds blanks or is very long, and ansible-test depends
    on such lines: a checkout at such a path is reached through a link in the folder for temporary files meanwhile.
    """
    if len(str(WORK)) < 80 and not re.search(r"\s", str(WORK)):
        return WORK
    link = Path(tempfile.gettempdir(), f"mimcm-nox-{hashlib.sha256(os.fsencode(WORK)).hexdigest()[:16]}")
    WORK.mkdir(exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(WORK)
        atexit.register(link.unlink, missing_ok=True)
    if link.lstat().st_uid != os.getuid() or link.resolve() != WORK.resolve():
        raise SystemExit(f"{link} is in the way: remove it")
    return link


nox.needs_version = ">=2026.10.20"
nox.options.default_venv_backend = "uv"
nox.options.envdir = environments()
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = True
# The longest first, after the quickest: two side by side then end at about the same time.
nox.options.sessions = [
    "lint",
    "integration",
    "units",
    "sanity",
    "hostile",
    "simulator",
    "runner",
    "pages",
    "docs",
    "ansible-lint",
    "galaxy",
    "waits",
    "directory",
]

# Every process below inherits this. Variables of the user's shell that steer git (set inside hooks), Ansible or Python
# would make a run here differ from a run elsewhere.
FOREIGN = re.compile(r"^(ANSIBLE_|GIT_|PYTHON|PYTEST_|MYPY|KRB5|MIMCM_|XDG_)")
for name in filter(FOREIGN.match, list(os.environ)):
    del os.environ[name]
os.environ.update(
    PATH=pythons.clean_path(os.environ.get("PATH", os.defpath), FOUND),
    LC_ALL="C.UTF-8",
    NO_PROXY="localhost,127.0.0.1,::1",
    XDG_CACHE_HOME=str(WORK / "cache"),
    UV_PYTHON_DOWNLOADS="never",
)

newest = nox.session(python=NEWEST.python.path, allow_parallel=True)
oldest_and_newest = nox.parametrize(
    "python,choice",
    [nox.param(choice.python.path, name, id=name) for name, choice in CHOICES.items()],
)


# ---------------------------------------------------------------------------------------------------------------------
# What the sessions share


PIP_SETTINGS = ("CERT", "EXTRA_INDEX_URL", "FIND_LINKS", "INDEX_URL", "PROXY", "TRUSTED_HOST")


def slug(session: nox.Session) -> str:
    return re.sub(r"\W+", "-", session.name).strip("-")


def copy_collection(session: nox.Session) -> Path:
    """A fresh copy for this session alone, so that sessions can run side by side; returns the collection's folder."""
    return scratch.copy_tree(ROOT, WORK / "scratch" / slug(session))


def collections_root(collection: Path) -> Path:
    return collection.parents[2]


def environment(session: nox.Session, collection: Path) -> dict[str, str]:
    home = WORK / "home" / slug(session)
    # ansible-test calls pip without the user's settings: here it finds those that lead to the package index.
    settings = {name.lower(): os.environ[f"PIP_{name}"] for name in PIP_SETTINGS if os.environ.get(f"PIP_{name}")}
    settings |= {"quiet": "1", "progress_bar": "off"}
    lines = [f"{name.replace('_', '-')} = {value}\n" for name, value in settings.items()]
    pip_settings = home / ".config" / "pip" / "pip.conf"
    pip_settings.parent.mkdir(parents=True, exist_ok=True)
    pip_settings.write_text("".join(["[global]\n", *lines]), encoding="utf-8")
    return {"HOME": str(home), "ANSIBLE_COLLECTIONS_PATH": str(collections_root(collection))}


def install(session: nox.Session, *names: str, ansible: pythons.Choice | None = None) -> None:
    """Install tests/requirements/NAME.txt with pinned versions, and ansible-core where one is given."""
    # galaxy-importer pins old releases of packages that other tools want new.
    constraints = "constraints-galaxy.txt" if "galaxy" in names else "constraints.txt"
    arguments = ["--constraints", str(REQUIREMENTS / constraints)]
    for name in names:
        arguments += ["--requirements", str(REQUIREMENTS / f"{name}.txt")]
    if ansible:
        session.log(str(ansible))
        arguments.append(f"ansible-core=={ansible.series.release}")
    # gssapi is the only package that is compiled: without optimisation that takes half as long.
    session.install(*arguments, env={"CFLAGS": "-O0 -g0"})


def missing_for_kerberos(python: pythons.Python) -> list[str]:
    """What the machine lacks to build gssapi."""
    needs = {
        "krb5-config": shutil.which("krb5-config"),
        "a C compiler": shutil.which("cc") or shutil.which("gcc"),
        f"headers of {python.path}": python.headers,
    }
    return [name for name, present in needs.items() if not present]


def install_runtime(session: nox.Session, choice: pythons.Choice, *names: str) -> None:
    """The collection's and the reference server's packages; Kerberos where it can be built."""
    missing = missing_for_kerberos(choice.python)
    if missing:
        session.warn(f"WITHOUT KERBEROS: its tests are skipped, for want of {', '.join(missing)}")
    kerberos = [] if missing else ["kerberos"]
    install(session, "runtime", "simulator", *kerberos, *names, ansible=choice)


def install_community(session: nox.Session, choice: pythons.Choice) -> None:
    """The community's collections: the role software_certificate depends on community.crypto."""
    session.install("--no-deps", f"ansible=={choice.series.community}")


def ansible_test(session: nox.Session, choice: pythons.Choice, collection: Path, *arguments: str) -> None:
    env = environment(session, collection)
    cache = Path(env["HOME"], ".ansible", "test", "cache")
    cache.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TOOLS / "get_pip.py", cache / choice.series.get_pip)
    with session.chdir(collection):
        session.run("python", str(TOOLS / "ansible_test.py"), *arguments, env=env)


@contextmanager
def running(session: nox.Session, program: Path, *options: str) -> Iterator[str]:
    """A server of the tests on a free port of loopback; gives its URL."""
    port_file = WORK / "home" / slug(session) / f"{program.name}.port"
    port_file.parent.mkdir(parents=True, exist_ok=True)
    port_file.unlink(missing_ok=True)
    command = [session_python(session), str(program), "--port", "0", "--port-file", str(port_file), *options]
    with subprocess.Popen([*command, "--exit-with-parent"], stdin=subprocess.DEVNULL) as server:
        try:
            yield f"http://127.0.0.1:{wait_for_port(session, server, port_file)}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


# Whom the stand-in for AD FS knows: a user, and the client of the documentation's examples.
FEDERATION = {
    "--user": r"CONTOSO\automation:made-up-password",
    "--client-id": "2954b462-a5de-4af6-83bc-497cc20bddde",
    "--redirect-uri": "https://automation.contoso.com/mimcm",
    "--resource": "https://127.0.0.1/certificatemanagement",
}


def wait_for_port(session: nox.Session, server: subprocess.Popen[bytes], port_file: Path) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        text = port_file.read_text().strip() if port_file.exists() else ""
        if text:
            return int(text)
        time.sleep(0.05)
    return session.error(f"{port_file.stem} did not start (exit code {server.poll()})")


def session_python(session: nox.Session) -> str:
    return str(Path(session.bin, "python"))


# ---------------------------------------------------------------------------------------------------------------------
# Sessions of `make test`


@newest
def lint(session: nox.Session) -> None:
    """Style, types, YAML, shell and licences."""
    install(session, "lint", "runtime", "simulator", "adfs", "bench", "runner", "pages", ansible=NEWEST)
    collection = copy_collection(session)
    failures = [name for name, run in LINTERS.items() if not succeeds(session, collection, run)]
    if failures:
        session.error(f"failed: {', '.join(failures)}")


# Each: the folder to be in, MYPYPATH, the command. mypy resolves `ansible_collections.certops.mimcm` from the copy's
# root; the tools and the reference server are started as scripts and import their neighbours by their bare names.
Linter = tuple[str, str, list[str]]
LINTERS: dict[str, Linter] = {
    "ruff check": (".", "", ["ruff", "check", "--no-cache", "."]),
    "ruff format": (".", "", ["ruff", "format", "--no-cache", "--check", "."]),
    "mypy of the plugins": ("../../..", ".", ["mypy", *("-p", "ansible_collections.certops.mimcm.plugins")]),
    "mypy of the tools": (".", "tests/tools", ["mypy", "noxfile.py", "tests/tools"]),
    "mypy of the simulator": (".", "tests/simulator:../../..", ["mypy", "tests/simulator"]),
    "mypy of the stand-in for AD FS": (".", "tests/adfs:tests/simulator", ["mypy", "tests/adfs"]),
    "mypy of the measurements": (
        *(".", "tests/bench:tests/adfs:tests/simulator:../../.."),
        ["mypy", "tests/bench/bench.py", "tests/bench/mimcm_bench/probe.py", "tests/bench/mimcm_bench/meter.py"],
    ),
    "mypy of the tests of ansible-runner": (".", "tests/simulator", ["mypy", "tests/runner"]),
    "mypy of the tests of pages": (".", "tests/pages:tests/simulator", ["mypy", "tests/pages"]),
    "mypy of the directory": (".", "tests/directory:tests/adfs:tests/simulator:../../..", ["mypy", "tests/directory"]),
    "yamllint": (".", "", ["yamllint", "--strict", "."]),
    "shellcheck": (".", "", ["shellcheck", ".ci/run", "tests/tools/debian_packages.sh"]),
    "reuse": (".", "", ["reuse", "lint", "--lines"]),
}


def succeeds(session: nox.Session, collection: Path, linter: Linter) -> bool:
    """Run one linter in the copy; a failure is only noted, so that the others run as well."""
    folder, search, command = linter
    if command[0] == "mypy":
        settings = ["--config-file", str(collection / "pyproject.toml"), "--cache-dir", str(WORK / "cache" / "mypy")]
        command = [command[0], *settings, *command[1:]]
    with session.chdir(collection / folder):
        try:
            session.run(*command, env=environment(session, collection) | {"MYPYPATH": search})
        except CommandFailed:
            return False
    return True


@nox.session(allow_parallel=True)
@oldest_and_newest
def units(session: nox.Session, choice: str) -> None:
    """tests/unit by ansible-test."""
    install_runtime(session, CHOICES[choice], "units", "adfs")
    # Without --python it would run the tests of module_utils on Pythons that lack the packages as well.
    version = pythons.dotted(CHOICES[choice].python.version)
    arguments = ["units", "--local", "--python", version, *session.posargs]
    ansible_test(session, CHOICES[choice], copy_collection(session), *arguments)


def run_pytest(session: nox.Session, *arguments: str, importable: bool = False) -> None:
    """pytest in a copy; whether Python itself, and not only Ansible, finds the collection there."""
    collection = copy_collection(session)
    env = environment(session, collection)
    if importable:
        env["PYTHONPATH"] = str(collections_root(collection))
    with session.chdir(collection):
        session.run("python", "-m", "pytest", *arguments, *session.posargs, env=env)


@newest
def simulator(session: nox.Session) -> None:
    """The own tests of the reference server and of the stand-in for AD FS."""
    install_runtime(session, NEWEST, "adfs")
    run_pytest(session, "tests/simulator/tests", "tests/adfs/tests")


@newest
def hostile(session: nox.Session) -> None:
    """Every module and lookup against every fault of a network; mostly waiting, so with more workers than cores."""
    install_runtime(session, NEWEST, "units")
    run_pytest(session, "tests/hostile", "-q", "-n", "6", importable=True)


@newest
def runner(session: nox.Session) -> None:
    """Playbooks under ansible-runner, as AWX and execution environments run them."""
    install_runtime(session, NEWEST, "runner")
    run_pytest(session, "tests/runner", "-q")


@newest
def pages(session: nox.Session) -> None:
    """The page of the role compliance_report in a browser; skipped, and said so, without Debian's Chromium."""
    install_runtime(session, NEWEST, "pages")
    collection = copy_collection(session)
    arguments = ["-q", "-n", "2", "--dist", "loadfile", *session.posargs]
    with session.chdir(collection):
        session.run("python", "tests/pages", *arguments, env=environment(session, collection))


@nox.session(allow_parallel=True)
@oldest_and_newest
def sanity(session: nox.Session, choice: str) -> None:
    """All of ansible-test's sanity tests."""
    install(session, "sanity", ansible=CHOICES[choice])
    ansible_test(session, CHOICES[choice], copy_collection(session), "sanity", "--local", *session.posargs)


# Here time-outs and waiting are tested on a real clock: not in parallel with others.
TIMED = ["mimcm_request_wait", "role_request_wait"]
# One ansible-core is enough for the documentation's examples, and for the long search for secrets: the short one, in
# the target secrecy, is made on both.
LONG = ["examples", "no_leak"]


@nox.session
@oldest_and_newest
def waits(session: nox.Session, choice: str) -> None:
    """The integration targets that wait, against the reference server."""
    run_targets(session, choice, TIMED)


@nox.session(allow_parallel=True)
@oldest_and_newest
def integration(session: nox.Session, choice: str) -> None:
    """All other integration targets, against the reference server."""
    left_out = {*TIMED, *(() if choice == "newest" else LONG)}
    run_targets(session, choice, sorted(targets.of(ROOT) - left_out))


# Its tickets live for seconds, and its clocks may differ by two: not in parallel with others either.
@nox.session(python=NEWEST.python.path)
def directory(session: nox.Session) -> None:
    """A real Active Directory domain and Apache; skipped, and said so, without root or Debian's packages."""
    install_runtime(session, NEWEST, "adfs")
    collection = copy_collection(session)
    env = environment(session, collection) | {"PYTHONPATH": str(collections_root(collection))}
    with session.chdir(collection):
        session.run("python", "tests/directory", *session.posargs, env=env)


def run_targets(session: nox.Session, choice: str, names: list[str]) -> None:
    install_runtime(session, CHOICES[choice], "adfs")
    install_community(session, CHOICES[choice])
    collection = copy_collection(session)
    tests = collection / "tests"
    known = [word for option in FEDERATION.items() for word in option]
    with running(session, tests / "simulator") as url, running(session, tests / "adfs", *known) as adfs_url:
        # ansible-test hands no environment variables on: what the targets must know goes through this file.
        settings = {
            "mimcm_test_url": url,
            "mimcm_test_adfs_url": adfs_url,
            "mimcm_test_simulator": str(collection / "tests" / "simulator"),
            "mimcm_test_python": session_python(session),
        }
        lines = [f"{name}: '{value}'\n" for name, value in settings.items()]
        Path(collection, "tests/integration/integration_config.yml").write_text("".join(lines), encoding="utf-8")
        arguments = ["integration", "--local", "--continue-on-error"]
        ansible_test(session, CHOICES[choice], collection, *arguments, *(session.posargs or names))


@nox.session(name="ansible-lint", python=NEWEST.python.path, allow_parallel=True)
def ansible_lint(session: nox.Session) -> None:
    """ansible-lint with the production profile."""
    install(session, "ansible-lint", ansible=NEWEST)
    install_community(session, NEWEST)
    collection = copy_collection(session)
    with session.chdir(collection):
        session.run("ansible-lint", "--offline", env=environment(session, collection))


@newest
def docs(session: nox.Session) -> None:
    """The plugins' documentation and the changelog."""
    install(session, "docs", ansible=NEWEST)
    collection = copy_collection(session)
    env = environment(session, collection)
    with session.chdir(collection):
        session.run("antsibull-docs", "lint-collection-docs", "--plugin-docs", ".", env=env)
        session.run("antsibull-changelog", "lint", env=env)


@newest
def galaxy(session: nox.Session) -> None:
    """The tarball: build, install, import as Galaxy does, and use."""
    install(session, "galaxy", ansible=NEWEST)
    collection = copy_collection(session)
    env = environment(session, collection)
    output = collections_root(collection) / "output"
    with session.chdir(collection):
        session.run("ansible-galaxy", "collection", "build", "--output-path", str(output), env=env)
    (tarball,) = output.glob("*.tar.gz")
    installed = output / "installed"
    installed_env = env | {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    with session.chdir(output):
        session.run("ansible-galaxy", "collection", "install", str(tarball), "-p", str(installed), env=installed_env)
        # It reports what it finds wrong, and succeeds.
        report = session.run("python", "-m", "galaxy_importer.main", str(tarball), env=installed_env, silent=True)
        session.log(report)
        if re.search(r"^ERROR", str(report), re.MULTILINE):
            session.error("galaxy-importer found errors")
        session.run("ansible-doc", "-t", "module", "certops.mimcm.mimcm_request_info", env=installed_env, silent=True)


# ---------------------------------------------------------------------------------------------------------------------
# Sessions with make targets of their own


def run_script(session: nox.Session, script: str, *names: str) -> None:
    install_runtime(session, NEWEST, *names)
    collection = copy_collection(session)
    # The script of the checkout, so that what it leaves behind is found there; the collection is the copy.
    session.run("python", str(ROOT / script), *session.posargs, env=environment(session, collection))


@newest
def demo(session: nox.Session) -> None:
    """The demonstration."""
    run_script(session, "demo/run.py")


@newest
def bench(session: nox.Session) -> None:
    """The measurements."""
    run_script(session, "tests/bench/bench.py", "adfs", "bench")


@newest
def server(session: nox.Session) -> None:
    """The reference server, until it is interrupted."""
    run_script(session, "tests/simulator")
