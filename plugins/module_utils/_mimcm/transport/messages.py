# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages between the layers: an operation as documented, the call that carries it, and the reply. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """What is sent. Its body may hold a secret: it has no text form.

    Args:
        method: The HTTP method.
        url: The address.
        doing: What a message says was going on: "listing requests".
        query: The parameters of the query; None leaves one out.
        body: What is sent as JSON.
        form: What is sent as a form instead.
        secrets: What must not be repeated, whoever says it.
    """

    method: str
    url: str
    doing: str
    query: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Reply:
    """What was answered, whatever its status. Its body may be a secret: it has no text form.

    Args:
        status: The HTTP status.
        headers: The headers, whose names may be asked for in any case.
        content: The body, decompressed.
        offers: The authentication schemes that the server offers.
        signed: Whether the call carried credentials.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    offers: tuple[str, ...] = ()
    signed: bool = False


from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """One documented operation, as data.

    Args:
        method: The HTTP method.
        path: The path below the base, with C({name}) for its parameters.
        doing: What a message says was going on, with the same parameters: "while listing requests".
        permission: What a message says that the caller needs, when the server answers 403.
        item: Whether the path names one item, so that a 404 may mean that there is no such item.
        secret: Whether the answer is a secret, so that not even the server's error message is repeated.
    """

    method: str
    path: str
    doing: str
    permission: str
    item: bool = False
    secret: bool = False
