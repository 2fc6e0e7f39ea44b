# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The case that a diagnosis examines, and the result of each of its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    MimcmError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection, Login
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Reply

OK, WARNING, PROBLEM, SKIPPED = "ok", "warning", "problem", "skipped"


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Args:
        check: The check's name.
        status: C(ok), C(warning), C(problem) or C(skipped).
        finding: What the check found, in words.
        remedy: What to do about it, None if there is nothing to do.
        details: What the check found, as data.
    """

    check: str
    status: str
    finding: str
    remedy: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Case:
    """The connection and the login to check, and what earlier checks found out for later ones."""

    params: Mapping[str, Any]
    connection: Connection
    login: Login
    proxy: str | None
    reachable: bool = True
    has_ticket: bool = True
    reply: Reply | None = None

    @property
    def host(self) -> str:
        return self.connection.host

    @property
    def port(self) -> int:
        parts = urlsplit(self.connection.url)
        return parts.port or (443 if parts.scheme == "https" else 80)


def from_error(check: str, error: MimcmError) -> CheckResult:
    """Return an error as the result of the check in which it occurred."""
    return CheckResult(check, PROBLEM, error.fact, sentence(error.remedy) if error.remedy else None)


def sentence(text: str) -> str:
    """Return a text that starts with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"
