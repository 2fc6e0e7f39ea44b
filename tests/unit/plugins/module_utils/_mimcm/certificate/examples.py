# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate request of any name, and the documented one with its answer."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.certops.mimcm.tests.unit.helpers import examples


def documented() -> tuple[str, dict[str, Any]]:
    """The documented certificate request and the answer to it."""
    (example,) = examples("get-certificate-responses")
    return example["request"]["json"]["certificaterequests"][0], example["response"]["json"][0]


def csr(name: str = "www.contoso.com", bits: int = 2048) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()
