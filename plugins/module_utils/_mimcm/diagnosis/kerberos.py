# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of Kerberos tickets and keytabs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth.kerberos_errors import explained
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.case import (
    OK,
    PROBLEM,
    SKIPPED,
    Case,
    CheckResult,
    sentence,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.libraries import version_of


def check_kerberos(case: Case) -> Iterator[CheckResult]:
    """Check that Kerberos has a password, a keytab or a valid ticket."""
    method = case.login.method
    if method not in ("kerberos", "negotiate") or not (version_of("gssapi") and version_of("krb5")):
        yield CheckResult("kerberos", SKIPPED, f"Not checked: auth_method is {method}, or gssapi and krb5 are missing")
        return
    details: dict[str, Any] = {
        "krb5_config": os.environ.get("KRB5_CONFIG") or "/etc/krb5.conf",
        "service": f"HTTP/{case.host}",
    }
    if case.login.password:
        yield CheckResult(
            "kerberos", OK, f"A ticket for {case.login.username} will be obtained with the password", None, details
        )
    elif case.login.keytab:
        yield _keytab(case, case.login.keytab, details)
    else:
        yield _ticket(case, case.login.ticket_cache, details)


def _keytab(case: Case, path: str, details: dict[str, Any]) -> CheckResult:
    import krb5

    details["keytab"] = path
    try:
        entries = list(krb5.kt_resolve(krb5.init_context(), path.encode()))
    except Exception as error:
        # krb5's exceptions have no common base class.
        what, remedy = explained(error, case.login, case.host)
        return _no_ticket(case, f"{what} (keytab: {path})", remedy, details)
    details["principals"] = sorted({str(entry.principal) for entry in entries})
    return CheckResult("kerberos", OK, f"The keytab {path} is for {', '.join(details['principals'])}", None, details)


def _ticket(case: Case, cache: str | None, details: dict[str, Any]) -> CheckResult:
    import gssapi

    store = {"ccache": cache} if cache else None
    details["ticket_cache"] = cache or _default_cache()
    try:
        credentials = gssapi.Credentials(usage="initiate", store=store)
        name, lifetime = str(credentials.name), int(credentials.lifetime or 0)
    except Exception as error:
        # gssapi creates its exception classes at run time.
        what, remedy = explained(error, case.login, case.host)
        return _no_ticket(case, f"{what} (ticket cache: {details['ticket_cache']})", remedy, details)
    details |= {"principal": name, "lifetime": lifetime}
    text = f"A ticket of {name} is valid for {lifetime // 60} minutes"
    if lifetime <= 0:
        return _no_ticket(case, f"the ticket of {name} has expired", f"run kinit {name} again", details)
    return CheckResult("kerberos", OK, text, None, details)


def _default_cache() -> str:
    import krb5

    try:
        return krb5.cc_default_name(krb5.init_context()).decode(errors="replace")
    except Exception:
        # krb5.conf cannot be read. The check for a ticket comes next and reports why.
        return "the default of krb5.conf"


def _no_ticket(case: Case, what: str, remedy: str, details: dict[str, Any]) -> CheckResult:
    case.has_ticket = False
    return CheckResult("kerberos", PROBLEM, sentence(what), sentence(remedy), details)
