# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token-signing key: a new one for each start."""

from __future__ import annotations

from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey


def new_key() -> RSAKey:
    key: RSAKey = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True)
    key.ensure_kid()
    return key


def signed(key: RSAKey, claims: dict[str, Any]) -> str:
    """AD FS names its certificate twice, by x5t and kid; there is no certificate here."""
    return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, claims, key)


def key_set(key: RSAKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False)]}


def public_pem(key: RSAKey) -> bytes:
    return key.as_pem(private=False)
