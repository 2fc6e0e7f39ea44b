# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the Python libraries that the auth_method needs."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import ssl
import sys
from collections.abc import Collection, Iterator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.case import (
    OK,
    PROBLEM,
    WARNING,
    Case,
    CheckResult,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import KERBEROS, KERBEROS_BUILD

_WINDOWS = ("negotiate", "kerberos", "ntlm")


# The packages by their names for pip, and the auth_methods that require them.
_LIBRARIES: dict[str, tuple[str, ...]] = {
    "requests": ("negotiate", "kerberos", "ntlm", "adfs", "token", "none"),
    "urllib3": (),
    "pyspnego": _WINDOWS,
    "gssapi": ("kerberos",),
    "krb5": ("kerberos",),
    "cryptography": (),
    "jmespath": (),
}


# Those that are compiled. Where they cannot be, pip would not install any other package of its line either.
_COMPILED = ("gssapi", "krb5")


def check_libraries(case: Case) -> Iterator[CheckResult]:
    """Check that the libraries for the auth_method can be imported."""
    versions = {name: version_of(name) for name in _LIBRARIES}
    found = {
        "host": platform.node(),
        "python": f"{platform.python_version()} ({sys.executable})",
        "openssl": ssl.OPENSSL_VERSION,
        **versions,
    }
    missing = [name for name, methods in _LIBRARIES.items() if case.login.method in methods and not versions[name]]
    if missing:
        text = f"auth_method {case.login.method} needs {' and '.join(missing)}, which cannot be imported"
        yield CheckResult("libraries", PROBLEM, text, f"Run {_installing(missing)}", found)
    elif case.login.method == "negotiate" and not (versions["gssapi"] and versions["krb5"]):
        text = "gssapi and krb5 cannot be imported, so auth_method negotiate can only use NTLM"
        remedy = f"For Kerberos, run {_installing(_COMPILED)}"
        yield CheckResult("libraries", WARNING if case.login.password else PROBLEM, text, remedy, found)
    else:
        text = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        yield CheckResult("libraries", OK, text, None, found)


def _installing(names: Collection[str]) -> str:
    """Return the commands that install packages: those that are compiled by a command of their own."""
    pip = f"{sys.executable} -m pip install"
    plain = [name for name in names if name not in _COMPILED]
    compiled = f"{pip} '{KERBEROS}', which needs {KERBEROS_BUILD}" if set(names) & set(_COMPILED) else None
    return ", then ".join(filter(None, (f"{pip} {' '.join(plain)}" if plain else None, compiled)))


def version_of(name: str) -> str | None:
    """Return the version of a package, None if it cannot be imported."""
    try:
        importlib.import_module({"pyspnego": "spnego"}.get(name, name))
        return importlib.metadata.version(name)
    except Exception:
        # A compiled package can fail in any way when its system library is missing.
        return None
