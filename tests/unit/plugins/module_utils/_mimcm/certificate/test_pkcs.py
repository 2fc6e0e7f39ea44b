# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificate requests and chains in each of their forms."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.certificate import pkcs
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.certificate.examples import (
    csr,
    documented,
)


@pytest.mark.parametrize("form", ["pem", "base64", "wrapped"])
def test_a_certificate_request_in_each_form(form: str) -> None:
    pem = csr()
    der = x509.load_pem_x509_csr(pem.encode()).public_bytes(serialization.Encoding.DER)
    plain = base64.b64encode(der).decode()
    given = {"pem": f"\n{pem}\n", "base64": plain, "wrapped": base64.encodebytes(der).decode()}[form]
    assert pkcs.certificate_request(given, "csrs").base64 == plain


@pytest.mark.parametrize("text", ["", "x", "bm90IGEgcmVxdWVzdA==", "-----BEGIN CERTIFICATE REQUEST-----\nx", "ä"])
def test_what_is_no_certificate_request(text: str) -> None:
    with pytest.raises(errors.UsageError, match=r"csrs is not a PKCS#10 certificate request in PEM or base64"):
        pkcs.certificate_request(text, "csrs")


def test_the_documented_answer_is_understood() -> None:
    sent, answer = documented()
    wanted = pkcs.certificate_request(sent, "csrs")
    chain = pkcs.chain_of_pkcs7(answer["Pkcs7"], {wanted.public_key})
    names = [x509.load_pem_x509_certificate(pem.encode()) for pem in (chain.certificate, *chain.issuers)]
    assert [len(names), names[0].issuer == names[1].subject, names[1].issuer == names[2].subject] == [3, True, True]
    # Without the key, the leaf is the one that no other certificate names as its issuer.
    assert pkcs.chain_of_pkcs7(answer["Pkcs7"], set()).certificate == chain.certificate


@pytest.mark.parametrize("text", ["", "ä", "bm90IGEgY2hhaW4=", "MAA=", "MIIB"])
def test_what_is_no_chain(text: str) -> None:
    with pytest.raises(errors.InvalidAnswer, match="not valid PKCS#7"):
        pkcs.chain_of_pkcs7(text, set())
    assert pkcs.chain_of_pem(text, set()) is None


def test_a_library_that_is_too_old_is_said_and_hides_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate in a file counted as none, and its request was submitted again."""
    monkeypatch.delattr(x509, "load_pem_x509_certificates")
    with pytest.raises(errors.MissingLibrary, match=r"cryptography [0-9.]+ is too old on .*'cryptography>=39'"):
        pkcs.chain_of_pem("-----BEGIN CERTIFICATE-----", set())


def test_a_fault_of_our_own_is_not_taken_for_a_text_without_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkcs, "_chain", lambda found, public_keys: found.no_such_attribute)
    _sent, answer = documented()
    with pytest.raises(AttributeError):
        pkcs.chain_of_pkcs7(answer["Pkcs7"], set())
