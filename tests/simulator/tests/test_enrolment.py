# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enrolment from end to end: cards, software profiles, and certificates that really verify."""

from __future__ import annotations

import base64
import datetime
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7, pkcs12
from mimcm_simulator.launch import Running

WIRE = Path(__file__).resolve().parents[2] / "wire"
CARDS = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5001"
SOFTWARE = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5002"
SERVER = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5003"
USER = "6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001"
CARD_ID = "e90d4c37-52b8-4f16-a1d3-7c0b8e6f2001"
SCENARIO: dict[str, Any] = {
    "approvals_needed": False,
    "certificate_days": 30,
    "profile_templates": [
        {"id": CARDS, "name": "Employees", "pin": "0042", "certificate_template": "Logon", "certificates": 2},
        {"id": SOFTWARE, "name": "Laptops", "smartcard": False, "subject": "CN=laptop"},
        {"id": SERVER, "name": "Archived", "smartcard": False, "server_generated": True},
    ],
}
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "alice")])


@pytest.fixture
def world(server: Running) -> Running:
    requests.put(f"{server.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
    return server


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pkcs10(key: Any, name: x509.Name = NAME, mail: str = "") -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    if mail:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(mail)]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def get(server: Running, path: str, **query: str) -> requests.Response:
    return requests.get(f"{server.url}{path}", params=query, timeout=5)


def post(server: Running, path: str, body: Any) -> requests.Response:
    return requests.post(f"{server.url}{path}", json=body, timeout=10)


def create(server: Running, template: str, **more: str) -> str:
    body = {"type": "Enroll", "comment": "", "profiletemplateuuid": template, **more}
    identifier: str = post(server, "/requests", body).json().rsplit("/", 1)[-1]
    return identifier


def submit(server: Running, request: str, *texts: str, password: str = "") -> requests.Response:
    body = {"pfxpassword": password, "certificaterequests": list(texts)}
    return post(server, f"/requests/{request}/certificatedata", body)


def end(server: Running, request: str, status: str = "Completed") -> requests.Response:
    return requests.put(f"{server.url}/requests/{request}", json={"status": status}, timeout=5)


def chain(answer: dict[str, Any]) -> list[x509.Certificate]:
    assert answer["Error"] is None
    assert {len(line) for line in answer["Pkcs7"].split("\r\n")[:-2]} == {64}
    return pkcs7.load_der_pkcs7_certificates(base64.b64decode(answer["Pkcs7"]))


def test_card_from_end_to_end(world: Running, key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    request = create(world, CARDS)
    assert get(world, f"/requests/{request}").json()["Status"] == 3
    options = get(world, f"/requests/{request}/certificaterequestgenerationoptions").json()
    assert [(item["KeySize"], item["HashAlgorithmName"], item["Subject"]) for item in options] == [
        (2048, "SHA256", "")
    ] * 2
    # There is no place for the certificates yet.
    assert submit(world, request, text(pkcs10(key))).status_code == 500
    card = post(world, "/smartcards", {"requestid": request, "cardid": CARD_ID, "atr": "3b8d"}).json().rsplit("/")[-1]
    document = get(world, f"/requests/{request}").json()
    assert document["Status"] == 18
    assert document["NewSmartcardUuid"] == card
    assert get(world, f"/smartcards/{card}/serverproposedpin").content == b'"0042"'
    assert post(world, "/smartcards", {"requestid": request, "cardid": USER}).status_code == 500
    profile = get(world, f"/requests/{request}/profiles").json()[0]
    assert profile["Uuid"] == document["NewProfileUuid"]
    assert profile["Status"] == 0
    wrapped = base64.encodebytes(pkcs10(key, mail="alice@example.com")).decode().replace("\n", "\r\n")
    answers = submit(world, request, wrapped, text(pkcs10(key, x509.Name([])))).json()
    assert [answer["TemplateCommonName"] for answer in answers] == ["Logon", "Logon"]
    assert [answer["isPkcs7"] for answer in answers] == [True, True]
    leaf = verified(world, answers[0], tmp_path)
    assert leaf.subject == NAME
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == ["alice@example.com"]
    assert document["TargetUserUuid"] in verified(world, answers[1], tmp_path).subject.rfc4514_string()
    assert end(world, request).json()["Status"] == 8
    assert get(world, f"/smartcards/{card}").json()["Status"] == 2
    assert get(world, f"/profiles/{profile['Uuid']}").json()["Status"] == 2
    assert get(world, f"/requests/{request}/certificaterequestgenerationoptions").status_code == 204
    listed = get(world, f"/smartcards/{card}/certificates").json()
    assert listed == get(world, f"/profiles/{profile['Uuid']}/certificates").json()
    shown_as_issued(world, leaf, listed[0])


def verified(server: Running, answer: dict[str, Any], folder: Path) -> x509.Certificate:
    """The certificate, after its chain was checked up to the root of the control API."""
    authority = requests.get(f"{server.control}/ca", timeout=5).json()
    root, issuing = (x509.load_pem_x509_certificate(authority[name].encode()) for name in ("root", "issuing"))
    certificates = chain(answer)
    assert {item.fingerprint(hashes.SHA256()) for item in (root, issuing)} < {
        item.fingerprint(hashes.SHA256()) for item in certificates
    }
    leaf = next(item for item in certificates if item not in (root, issuing))
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)
    if shutil.which("openssl"):
        (folder / "root.pem").write_text(authority["root"], encoding="ascii")
        (folder / "issuing.pem").write_text(authority["issuing"], encoding="ascii")
        (folder / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
        command = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "root.pem"]
        command += ["-untrusted", "issuing.pem", "leaf.pem"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == 0, done.stderr
    return leaf


def shown_as_issued(server: Running, leaf: x509.Certificate, listed: dict[str, Any]) -> None:
    assert listed["Thumbprint"] == leaf.fingerprint(hashes.SHA1()).hex().upper()
    assert int(listed["SerialNumber"], 16) == leaf.serial_number
    own = get(server, "/certificates").json()
    found = next(item for item in own if item["Thumbprint"] == listed["Thumbprint"])
    assert found["NotAfter"] == f"{leaf.not_valid_after_utc:%Y-%m-%dT%H:%M:%S}"
    assert found["NotBefore"] == f"{leaf.not_valid_before_utc:%Y-%m-%dT%H:%M:%S}"
    assert found["Issuer"].endswith("\\MIM CM Reference Issuing CA")
    left = leaf.not_valid_after_utc - datetime.datetime.now(tz=datetime.timezone.utc)
    assert 29 <= left.days <= 30


def test_software_profile(world: Running, key: rsa.RSAPrivateKey) -> None:
    request = create(world, SOFTWARE, target=USER)
    assert post(world, "/smartcards", {"requestid": request, "cardid": CARD_ID}).status_code == 500
    assert get(world, f"/requests/{request}/profiles").status_code == 204
    assert get(world, f"/requests/{request}/certificaterequestgenerationoptions").json()[0]["Subject"] == "CN=laptop"
    before = len(get(world, "/certificates").json())
    assert len(chain(submit(world, request, text(pkcs10(key))).json()[0])) == 3
    # Issued to somebody else.
    assert len(get(world, "/certificates").json()) == before
    document = get(world, f"/requests/{request}").json()
    assert document["Status"] == 18
    assert end(world, request).json()["Status"] == 8
    profile = get(world, f"/profiles/{document['NewProfileUuid']}").json()
    assert profile["Status"] == 2
    assert profile["AssignedUserUuid"] == USER
    assert submit(world, request, text(pkcs10(key))).status_code == 500


def test_bad_certificate_requests(world: Running, key: rsa.RSAPrivateKey) -> None:
    request = create(world, SOFTWARE)
    good = pkcs10(key)
    small = pkcs10(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    other = pkcs10(ec.generate_private_key(ec.SECP256R1()))
    texts = ["????", text(b"no"), text(small), text(other), text(good[:-1] + bytes([good[-1] ^ 1])), text(good)]
    answers = submit(world, request, *texts).json()
    assert [answer["CertificateId"] for answer in answers] == list(range(6))
    assert [answer["Pkcs7"] is None for answer in answers] == [True] * 5 + [False]
    assert all(answer["Error"].endswith(".") for answer in answers[:5])
    assert "1024 bits" in answers[2]["Error"]
    assert "signature" in answers[4]["Error"]


def test_documented_certificate_request_for_a_request_of_the_world(world: Running) -> None:
    """It is signed with SHA-1, as the documented options ask for."""
    page = json.loads((WIRE / "get-certificate-responses.json").read_text(encoding="utf-8"))
    encoded = page["examples"][0]["request"]["json"]["certificaterequests"][0]
    assert len(chain(submit(world, create(world, SOFTWARE), encoded).json()[0])) == 3
    content = base64.b64decode(encoded)
    answer = submit(world, create(world, SOFTWARE), text(content[:-1] + bytes([content[-1] ^ 1]))).json()[0]
    assert "signature" in answer["Error"]


@pytest.mark.parametrize(
    "body", [{}, {"certificaterequests": []}, {"certificaterequests": [1]}, {"certificaterequests": "x"}]
)
def test_refused_bodies(world: Running, body: dict[str, Any]) -> None:
    request = create(world, SOFTWARE)
    answer = post(world, f"/requests/{request}/certificatedata", body)
    assert answer.status_code == 400
    assert "certificaterequests" in answer.text


def test_key_of_the_server(world: Running) -> None:
    request = create(world, SERVER)
    assert get(world, f"/requests/{request}/certificaterequestgenerationoptions").status_code == 204
    assert submit(world, request).status_code == 400
    (answer,) = submit(world, request, password="correct horse").json()
    assert (answer["isPfx"], answer["isServerGenerated"], answer["Pkcs7"]) == (True, True, None)
    file = pkcs12.load_pkcs12(base64.b64decode(answer["Pfx"]), b"correct horse")
    assert isinstance(file.key, rsa.RSAPrivateKey)
    assert file.cert is not None
    assert file.key.public_key() == file.cert.certificate.public_key()
    assert len(file.additional_certs) == 2


def test_authority_survives_a_new_world(world: Running) -> None:
    before = requests.get(f"{world.control}/ca", timeout=5).json()
    requests.put(f"{world.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
    assert requests.get(f"{world.control}/ca", timeout=5).json() == before
    assert "PRIVATE" not in str(before)


def test_pending_and_unknown_requests(server: Running, key: rsa.RSAPrivateKey) -> None:
    request = create(server, "12bd5120-86a2-4ee1-8d05-131066871578")
    assert get(server, f"/requests/{request}/certificaterequestgenerationoptions").status_code == 204
    assert submit(server, request, text(pkcs10(key))).status_code == 500
    assert submit(server, USER, text(pkcs10(key))).status_code == 204


def test_log_and_world_without_secrets(world: Running) -> None:
    request = create(world, SERVER)
    submit(world, request, password="correct horse")
    log = requests.get(f"{world.control}/log", timeout=5)
    assert "correct horse" not in log.text
    entry = log.json()[-1]
    assert entry["body"] == {"pfxpassword": "***", "certificaterequests": []}
    assert (entry["method"], entry["query"]) == ("POST", {})
    assert entry["path"].endswith(f"/requests/{request}/certificatedata")
    get(world, "/requests")
    assert requests.get(f"{world.control}/log", timeout=5).json()[-1]["body"] is None
    shown = requests.get(f"{world.control}/world", timeout=5)
    assert '"0042"' not in shown.text
    assert request in {item["Uuid"] for item in shown.json()["requests"]}
    profile = next(item for item in shown.json()["requests"] if item["Uuid"] == request)["NewProfileUuid"]
    assert [item["ProfileUuid"] for item in shown.json()["certificates"]].count(profile) == 1
    assert profile in {item["Uuid"] for item in shown.json()["profiles"]}
    assert shown.json()["smartcards"]
