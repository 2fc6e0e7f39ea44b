# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a diagnosis is about, and what each of its checks reports."""

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
    """What one check found.

    Args:
        check: The check's name.
        status: C(ok), C(warning), C(problem) or C(skipped).
        finding: What was found, in words.
        remedy: What to do about it, None when there is nothing to do.
        details: The same as data.
    """

    check: str
    status: str
    finding: str
    remedy: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Case:
    """What the checks look at, and what later ones learn from earlier ones."""

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
    """Return an error as the result of the check that met it."""
    return CheckResult(check, PROBLEM, error.fact, sentence(error.remedy) if error.remedy else None)


def sentence(text: str) -> str:
    """Return a text with a capital letter at its beginning."""
    return f"{text[:1].upper()}{text[1:]}"
