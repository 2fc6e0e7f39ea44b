# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages between layers: an operation as documented, the call that carries it out, the reply. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """An HTTP request to send. Its query, body and form may contain secrets, so repr() omits them.

    Args:
        method: The HTTP method.
        url: The address.
        doing: What the call does, for messages: "listing requests".
        query: The parameters of the query; None leaves one out.
        body: The JSON body.
        form: The fields of a form, sent instead of JSON.
        secrets: The secrets that no message may repeat, even if the server does.
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
    """A raw HTTP response, whatever its status. Its body may be a secret, so repr() omits it.

    Args:
        status: The HTTP status.
        headers: The headers, whose names are case-insensitive.
        content: The body, decompressed.
        offers: The authentication schemes that the server offers.
        signed: Whether the call carried credentials.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    offers: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True)
class Operation:
    """One documented operation, as data.

    Args:
        method: The HTTP method.
        path: The path below the base, with C({name}) for its parameters.
        doing: What the operation does, for messages, with the same parameters: "reading request {request_id}".
        permission: The permission that the account needs, for the message on a 403.
        item: Whether the path names one item, so that a 404 may mean that there is no such item.
        secret: Whether the answer is a secret, so that not even the server's error message is repeated.
    """

    method: str
    path: str
    doing: str
    permission: str
    item: bool = False
    secret: bool = False
