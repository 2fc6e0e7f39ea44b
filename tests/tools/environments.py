# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environments of the sessions: which Pythons and ansible-core, what is installed, which variables are set."""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

import nox
import pythons
from checkout import REQUIREMENTS, ROOT, WORK

FOUND = pythons.discover(os.environ.get("PATH", os.defpath))
OLDEST, NEWEST = pythons.choose(FOUND, pythons.SERIES)
CHOICES = {"oldest": OLDEST, "newest": NEWEST}

# Variables of the user's shell that steer git (set inside hooks), Ansible or Python would make a run here differ from
# a run elsewhere.
FOREIGN = re.compile(r"^(ANSIBLE_|GIT_|PYTHON|PYTEST_|MYPY|KRB5|MIMCM_|XDG_)")


def set_up() -> None:
    """Make nox and every process that it starts independent of the user's shell."""
    nox.options.default_venv_backend = "uv"
    nox.options.envdir = folder()
    nox.options.reuse_venv = "yes"
    nox.options.error_on_missing_interpreters = True
    for name in filter(FOREIGN.match, list(os.environ)):
        del os.environ[name]
    os.environ.update(
        PATH=pythons.clean_path(os.environ.get("PATH", os.defpath), FOUND),
        LC_ALL="C.UTF-8",
        NO_PROXY="localhost,127.0.0.1,::1",
        XDG_CACHE_HOME=str(WORK / "cache"),
        UV_PYTHON_DOWNLOADS="never",
    )


def folder() -> Path:
    """The folder of the virtual environments: .nox, or a link to it.

    A script's first line cannot name an interpreter whose path has spaces or is very long, and ansible-test depends
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


def install_runtime(session: nox.Session, choice: pythons.Choice, *names: str) -> None:
    """The collection's and the reference server's packages; Kerberos where it can be built."""
    missing = missing_for_kerberos(choice.python)
    if missing:
        session.warn(f"WITHOUT KERBEROS: its tests are skipped, because {', '.join(missing)} is missing")
    kerberos = [] if missing else ["kerberos"]
    install(session, "runtime", "simulator", *kerberos, *names, ansible=choice)


def install_lowest(session: nox.Session) -> None:
    """Replace the collection's libraries by the lowest versions that its metadata names."""
    lowest = []
    for line in (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").split():
        name, version = line.split(">=")
        # Kerberos' packages are installed already where they can be built.
        lowest.append(f"{name.partition('[')[0]}=={version}")
    session.install(*lowest)


def missing_for_kerberos(python: pythons.Python) -> list[str]:
    """What the machine lacks to build gssapi."""
    needs = {
        "krb5-config": shutil.which("krb5-config"),
        "a C compiler": shutil.which("cc") or shutil.which("gcc"),
        f"headers of {python.path}": python.headers,
    }
    return [name for name, present in needs.items() if not present]


def install_community(session: nox.Session, choice: pythons.Choice) -> None:
    """The community's collections: the role software_certificate depends on community.crypto."""
    session.install("--no-deps", f"ansible=={choice.series.community}")


def python_of(session: nox.Session) -> str:
    return str(Path(session.bin, "python"))
