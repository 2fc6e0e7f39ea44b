# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Diagnose why a server cannot be used: a series of checks, each with a result and a remedy.

A problem that a check finds is a result here, never an exception. No result contains a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.case import (
    OK,
    PROBLEM,
    SKIPPED,
    Case,
    CheckResult,
    from_error,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.kerberos import check_kerberos
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.libraries import check_libraries
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.network import (
    check_address,
    check_clock,
    check_offers,
    check_reachability,
    proxy_of,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.tls import check_tls
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    MimcmError,
    NotFound,
    ServerError,
)


def diagnose(params: Mapping[str, Any]) -> list[CheckResult]:
    """Return the results of all checks.

    Args:
        params: The common options, validated.

    Raises:
        UsageError: An option is invalid, or options contradict each other.
    """
    connection = options.connection(params)
    case = Case(params, connection, options.login(params), proxy_of(connection))
    return [result for check in _CHECKS for result in check(case)]


# ---------------------------------------------------------------------------------------------------------------------
# The checks, in the order in which one builds on the other


def check_sign_in(case: Case) -> Iterator[CheckResult]:
    """Sign in, and make a cheap call to the API."""
    if not (case.reachable and case.has_ticket):
        reason = "there is no Kerberos ticket" if case.reachable else "the server cannot be reached"
        yield CheckResult("sign_in", SKIPPED, f"Not tried, because {reason}")
        yield CheckResult("api", SKIPPED, f"Not tried, because {reason}")
        return
    method = case.login.method
    try:
        client = connect({**case.params, "retries": 0})
    except MimcmError as error:
        yield from_error("sign_in", error)
        yield CheckResult("api", SKIPPED, "Not tried, because signing in failed")
        return
    try:
        answer = _answer(lambda: client.list_requests(status="None"))
        negotiated = client.signed_in_with
    finally:
        client.close()
    if answer is not None and not isinstance(answer, (Forbidden, NotFound, ServerError)):
        yield from_error("sign_in", answer)
        yield CheckResult("api", SKIPPED, "Not tried, because signing in failed")
        return
    how = negotiated or ("no sign-in" if method == "none" else "a bearer token")
    details = {"method": method, "negotiated": negotiated}
    yield CheckResult("sign_in", OK, f"The server accepts auth_method {method}: {how}", None, details)
    yield _api(case, answer)


def _api(case: Case, answer: MimcmError | None) -> CheckResult:
    if answer is None:
        return CheckResult("api", OK, f"The API answers at {case.connection.base}")
    if isinstance(answer, NotFound):
        text = f"There is no API at {case.connection.base} (404)"
        return CheckResult("api", PROBLEM, text, "Set Clm.WebApi.Enabled to true in Web.config, or correct api_path")
    return from_error("api", answer)


def _answer(ask: Callable[[], Any]) -> MimcmError | None:
    try:
        ask()
    except MimcmError as error:
        return error
    return None


_CHECKS: tuple[Callable[[Case], Iterator[CheckResult]], ...] = (
    check_libraries,
    check_address,
    check_reachability,
    check_tls,
    check_offers,
    check_clock,
    check_kerberos,
    check_sign_in,
)
