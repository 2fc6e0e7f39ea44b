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
from collections.abc import Iterator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.case import (
    OK,
    PROBLEM,
    WARNING,
    Case,
    CheckResult,
)

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


_INSTALL = {"pyspnego": "pyspnego[kerberos]", "gssapi": "pyspnego[kerberos]", "krb5": "pyspnego[kerberos]"}


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
        wanted = " ".join(dict.fromkeys(f"'{_INSTALL.get(name, name)}'" for name in missing))
        text = f"auth_method {case.login.method} needs {' and '.join(missing)}, which cannot be imported"
        yield CheckResult("libraries", PROBLEM, text, f"Run {sys.executable} -m pip install {wanted}", found)
    elif case.login.method == "negotiate" and not (versions["gssapi"] and versions["krb5"]):
        text = "gssapi and krb5 cannot be imported, so auth_method negotiate can only use NTLM"
        remedy = f"For Kerberos, run {sys.executable} -m pip install 'pyspnego[kerberos]'"
        yield CheckResult("libraries", WARNING if case.login.password else PROBLEM, text, remedy, found)
    else:
        text = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        yield CheckResult("libraries", OK, text, None, found)


def version_of(name: str) -> str | None:
    """Return the version of a package, None if it cannot be imported."""
    try:
        importlib.import_module({"pyspnego": "spnego"}.get(name, name))
        return importlib.metadata.version(name)
    except Exception:
        # A compiled package can fail in any way when its system library is missing.
        return None
