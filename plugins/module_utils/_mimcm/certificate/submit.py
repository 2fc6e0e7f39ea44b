# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submit certificate requests once, and decode the issued certificates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.certificate.pkcs import (
    CertificateRequest,
    Chain,
    chain_of_pem,
    chain_of_pkcs7,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    InvalidAnswer,
    Transient,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import ISSUED_CERTIFICATE
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import IssuedCertificate, Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.validity import comparable
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import base64_bytes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import clause

# The server marks answers for keys that no certificate request is about: its own keys, and those of earlier requests.
_OTHER_KEYS: tuple[Literal["is_server_generated", "is_key_history", "is_external", "is_pfx"], ...] = (
    "is_server_generated",
    "is_key_history",
    "is_external",
    "is_pfx",
)
_FOREIGN = "the server answered with certificate {}, which is for none of the keys in the certificate requests"


class _ChainParts(TypedDict):
    certificate: str | None
    chain: list[str]
    thumbprint: str | None


class ShownCertificate(IssuedCertificate, _ChainParts):
    """An issued certificate as users see it; it may also be one that a file contained already."""


@dataclass(frozen=True, repr=False)
class Issued:
    """One issued certificate. It may contain a private key, so repr() does not show it."""

    answer: IssuedCertificate
    chain: Chain | None
    pfx: bytes | None

    def shown(self, with_pfx: bool) -> ShownCertificate:
        """Return the issued certificate as users see it."""
        return {
            **self.answer,
            "pfx": self.answer["pfx"] if with_pfx else None,
            **_of_chain(self.chain),
        }


def submit(
    client: Client,
    request_id: str,
    certificate_requests: Sequence[CertificateRequest],
    pfx_password: str,
    comment: str | None,
) -> list[Issued]:
    """Submit certificate requests, and return the issued certificates.

    They are sent only once, because the API cannot tell afterwards whether it issued certificates.

    Raises:
        MimcmError: The requests were refused, or it is not known whether certificates were issued.
    """
    try:
        answers = client.submit_certificate_requests(
            request_id, [request.base64 for request in certificate_requests], pfx_password, comment
        )
    except Transient as error:
        if not error.sent:
            raise
        raise error.replaced(
            addition="and it is not known whether certificates were issued; the API cannot return them a second time",
            remedy="look for them with mimcm_certificate_info, and run the task again to submit once more",
        ) from None
    if not answers:
        raise InvalidAnswer(
            f"The server issued no certificate for request {request_id} and gave no reason",
            remedy="look at it in the MIM CM portal",
        )
    public_keys = {request.public_key for request in certificate_requests}
    return [_understood(answer, public_keys) for answer in answers]


def already_issued(
    client: Client, request: Request, certificate_requests: Sequence[CertificateRequest], pem: str
) -> bool:
    """Return whether a file contains unexpired certificates for the keys of all certificate requests.

    The certificates could belong to an earlier request for the same keys. That is assumed if the server lists
    certificates of this request and none of them is in the file.
    """
    chains = [chain_of_pem(pem, {wanted.public_key}) for wanted in certificate_requests]
    present = [chain for chain, wanted in zip(chains, certificate_requests, strict=True) if _fits(chain, wanted)]
    if len(present) < len(chains):
        return False
    listed = _thumbprints(client, request)
    return not listed or any(chain.thumbprint in listed for chain in present if chain)


def from_file(pem: str, certificate_requests: Sequence[CertificateRequest]) -> list[ShownCertificate]:
    """Return the certificates that a file contains already, as users see them."""
    chains = [chain_of_pem(pem, {wanted.public_key}) for wanted in certificate_requests]
    return [{**ISSUED_CERTIFICATE.empty(), **_of_chain(chain)} for chain in chains]


def _fits(chain: Chain | None, wanted: CertificateRequest) -> bool:
    return chain is not None and chain.public_key == wanted.public_key and chain.not_after > time.time()


def _thumbprints(client: Client, request: Request) -> set[str]:
    try:
        if request["new_profile_uuid"]:
            found = client.list_profile_certificates(request["new_profile_uuid"])
        elif request["new_smartcard_uuid"]:
            found = client.list_smartcard_certificates(request["new_smartcard_uuid"])
        else:
            found = []
    except Forbidden:
        found = []
    return {comparable(certificate["thumbprint"]) for certificate in found}


def _understood(answer: IssuedCertificate, public_keys: set[bytes]) -> Issued:
    try:
        chain = chain_of_pkcs7(str(answer["pkcs7"]), public_keys) if answer["pkcs7"] else None
        pfx = _decoded(str(answer["pfx"])) if answer["pfx"] else None
    except InvalidAnswer as error:
        # An error for this one must not lose the others, which were issued too.
        return Issued({**answer, "error": answer["error"] or error.clause}, None, None)
    reason = clause(str(answer["error"])) if answer["error"] else None
    if chain and public_keys and chain.public_key not in public_keys and not any(answer[key] for key in _OTHER_KEYS):
        # Somebody else's certificate must not get into a file beside the key of the certificate request.
        return Issued({**answer, "error": reason or _FOREIGN.format(chain.thumbprint)}, None, None)
    return Issued({**answer, "error": reason}, chain, pfx)


def _decoded(text: str) -> bytes:
    found = base64_bytes(text)
    if found is None:
        raise InvalidAnswer(
            "The server returned a PFX that is not valid base64", remedy="look at the request in the portal"
        )
    return found


def _of_chain(chain: Chain | None) -> _ChainParts:
    return {
        "certificate": chain.certificate if chain else None,
        "chain": chain.issuers if chain else [],
        "thumbprint": chain.thumbprint if chain else None,
    }
