# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_certificate: what the reference server issues, and the files that it goes into."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.serialization import pkcs12

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.modules import mimcm_certificate, mimcm_certificate_info, mimcm_request
from ansible_collections.certops.mimcm.tests.unit.helpers import run
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.certificate.examples import (
    csr,
    documented,
)

WEB, ROAMING = (f"bbbbbbbb-0000-4000-8000-00000000000{number}" for number in (2, 3))
PASSWORD = "pfx-5ecret"


@pytest.fixture
def server_with_templates(server: Any) -> Any:
    scenario = {
        "profile_templates": [
            {"id": WEB, "name": "Web", "smartcard": False, "policies": {"Enroll": {"approvals_needed": 0}}},
            {
                "id": ROAMING,
                "name": "Roaming",
                "smartcard": False,
                "server_generated": True,
                "policies": {"Enroll": {"approvals_needed": 0}},
            },
        ]
    }
    requests.put(f"{server.control}/scenario", json=scenario, timeout=5).raise_for_status()
    return server


def request_id(server: Any, template: str = WEB) -> str:
    return str(run(mimcm_request, server, type="Enroll", profile_template=template)["request_id"])


def posts(server: Any) -> list[dict[str, Any]]:
    log = requests.get(f"{server.control}/log", timeout=5).json()
    return [entry for entry in log if entry["path"].endswith("/certificatedata")]


def test_issued_once_and_verified(server_with_templates: Any, tmp_path: Path) -> None:
    server, dest = server_with_templates, tmp_path / "chain.pem"
    given = {"request_id": request_id(server), "csrs": [csr()], "dest": str(dest)}
    predicted = run(mimcm_certificate, server, True, **given)
    assert (predicted["changed"], predicted["certificates"], dest.exists()) == (True, [], False)
    first, second = run(mimcm_certificate, server, **given), run(mimcm_certificate, server, **given)
    assert (first["changed"], second["changed"], len(posts(server))) == (True, False, 1)
    assert first["certificates"][0]["thumbprint"] == second["certificates"][0]["thumbprint"]
    assert dest.read_text() == first["certificates"][0]["certificate"] + "".join(first["certificates"][0]["chain"])
    root = tmp_path / "root.pem"
    root.write_text(requests.get(f"{server.control}/ca", timeout=5).json()["root"])
    subprocess.run(["openssl", "verify", "-CAfile", root, "-untrusted", dest, dest], check=True)
    assert run(mimcm_certificate, server, force=True, **given)["changed"]
    listed = run(mimcm_certificate_info, server, expires_within="400d")
    assert first["certificates"][0]["thumbprint"] in [item["thumbprint"] for item in listed["certificates"]]


def test_a_certificate_of_another_request_for_the_same_key_is_replaced(
    server_with_templates: Any, tmp_path: Path
) -> None:
    server, given = server_with_templates, {"csrs": [csr()], "dest": str(tmp_path / "chain.pem")}
    first_id = request_id(server)
    first = run(mimcm_certificate, server, request_id=first_id, **given)
    run(mimcm_request, server, state="completed", request_id=first_id)
    second_id = request_id(server)
    assert second_id != first_id
    # Another certificate was issued under the second request, and the file does not have it.
    run(mimcm_certificate, server, request_id=second_id, csrs=[csr()])
    second = run(mimcm_certificate, server, request_id=second_id, **given)
    assert second["changed"]
    assert second["certificates"][0]["thumbprint"] != first["certificates"][0]["thumbprint"]


def test_one_of_two_is_refused(server_with_templates: Any, tmp_path: Path) -> None:
    dest = tmp_path / "chain.pem"
    given = {"request_id": request_id(server_with_templates), "csrs": [csr(), csr(bits=1024)], "dest": str(dest)}
    result = run(mimcm_certificate, server_with_templates, **given)
    assert result["failed"]
    assert result["changed"]
    assert "1 of 2 certificates" in result["msg"]
    assert result["certificates"][1]["error"] in result["msg"]
    assert dest.read_text() == result["certificates"][0]["certificate"] + "".join(result["certificates"][0]["chain"])


def test_a_private_key_of_the_servers(server_with_templates: Any, tmp_path: Path) -> None:
    server, dest = server_with_templates, tmp_path / "alice.pfx"
    given = {"request_id": request_id(server, ROAMING), "pfx_password": PASSWORD, "pfx_dest": str(dest)}
    first, second = (run(mimcm_certificate, server, **given) for _turn in range(2))
    assert (first["changed"], second["changed"], len(posts(server))) == (True, False, 1)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    assert pkcs12.load_key_and_certificates(dest.read_bytes(), PASSWORD.encode())[0] is not None
    assert first["certificates"][0]["pfx"] is None
    content = base64.b64encode(dest.read_bytes()).decode()
    assert content[:60] not in json.dumps(first)
    returned = run(mimcm_certificate, server, return_pfx=True, force=True, **given)
    assert pkcs12.load_key_and_certificates(base64.b64decode(returned["certificates"][0]["pfx"]), PASSWORD.encode())


def test_a_private_key_is_not_thrown_away(server_with_templates: Any, scripted: Any, reply: Any) -> None:
    refused = run(mimcm_certificate, server_with_templates, request_id=request_id(server_with_templates, ROAMING))
    assert "set pfx_dest or return_pfx" in refused["msg"]
    assert posts(server_with_templates) == []
    sent, answer = documented()
    both = [answer, {"Pfx": base64.b64encode(b"key").decode()}]
    scripted.script = lambda call: reply(both if call.method == "POST" else {"Uuid": WEB, "Status": 3})
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[sent])
    assert "also returned 1 PFX" in result["warnings"][0]


def test_permissions_are_kept_to(server_with_templates: Any, tmp_path: Path) -> None:
    dest = tmp_path / "chain.pem"
    given = {"request_id": request_id(server_with_templates), "csrs": [csr()], "dest": str(dest)}
    run(mimcm_certificate, server_with_templates, **given)
    dest.chmod(0o666)
    results = [run(mimcm_certificate, server_with_templates, mode="0640", **given) for _turn in range(2)]
    assert [result["changed"] for result in results] == [True, False]
    assert (results[0]["mode"], len(posts(server_with_templates))) == ("0640", 1)


def test_several_private_keys_have_a_file_each(scripted: Any, reply: Any, tmp_path: Path) -> None:
    answer = {"isPfx": True, "Pfx": base64.b64encode(b"key").decode()}
    current = {"Uuid": WEB, "Status": 3}
    scripted.script = lambda call: reply([answer, answer] if call.method == "POST" else current)
    result = run(mimcm_certificate, scripted, request_id=WEB, pfx_dest=str(tmp_path / "a.pfx"))
    assert result["pfx_files"] == [str(tmp_path / "a.pfx"), str(tmp_path / "a-2.pfx")]


def test_a_broken_connection_is_told_and_not_sent_again(server_with_templates: Any, tmp_path: Path) -> None:
    server = server_with_templates
    given = {"request_id": request_id(server), "csrs": [csr()], "dest": str(tmp_path / "chain.pem")}
    fault = {"kind": "reset", "method": "POST", "times": 1, "processed": True}
    requests.post(f"{server.control}/faults", json=fault, timeout=5).raise_for_status()
    result = run(mimcm_certificate, server, **given)
    assert result["failed"]
    assert "not known whether certificates were issued" in result["msg"]
    assert len(posts(server)) == 1


@pytest.mark.parametrize("option", ["dest", "pfx_dest"])
def test_a_place_that_cannot_be_written_is_found_before_anything_is_issued(
    server_with_templates: Any, tmp_path: Path, option: str
) -> None:
    given = {"request_id": request_id(server_with_templates), "csrs": [csr()], option: str(tmp_path / "missing" / "x")}
    result = run(mimcm_certificate, server_with_templates, **given)
    assert result["msg"].startswith(f"{option}: ")
    assert posts(server_with_templates) == []


@pytest.mark.parametrize(
    ("option", "special"), [("dest", "x.pem"), ("pfx_dest", "x.pem"), ("pfx_dest", "x-2.pem"), ("pfx_dest", "x-3.pem")]
)
def test_a_fifo_is_refused_before_anything_is_issued(scripted: Any, tmp_path: Path, option: str, special: str) -> None:
    os.mkfifo(tmp_path / special)
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[csr()], **{option: str(tmp_path / "x.pem")})
    assert result["msg"] == f"{option}: {tmp_path / special} is a FIFO, not a regular file; name a regular file."
    assert scripted.calls == []


def test_a_certificate_request_in_a_fifo_is_refused(scripted: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csr")
    result = run(mimcm_certificate, scripted, request_id=WEB, csr_paths=[str(tmp_path / "x.csr")])
    assert result["msg"].startswith(f"csr_paths: {tmp_path / 'x.csr'} is a FIFO")
    assert scripted.calls == []


def test_what_was_issued_is_not_lost_when_it_cannot_be_written(
    scripted: Any, reply: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, answer = documented()
    scripted.script = lambda call: reply([answer] if call.method == "POST" else {"Uuid": WEB, "Status": 18})

    def full(*args: Any, **kwargs: Any) -> None:
        raise errors.FileError("dest: the disk is full")

    monkeypatch.setattr(mimcm_certificate, "write_file", full)
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[sent], dest=str(tmp_path / "x.pem"))
    assert (
        result["msg"] == "dest: the disk is full, but the certificates were issued; take them from the task's result."
    )
    assert "BEGIN CERTIFICATE" in result["certificates"][0]["certificate"]
    assert result["changed"]


@pytest.mark.parametrize("status", [16, 8, 9])
def test_only_an_approved_request_takes_certificate_requests(scripted: Any, reply: Any, status: int) -> None:
    scripted.answer(reply({"Uuid": WEB, "Status": status}))
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[csr()])
    assert "can be submitted only while it is Approved or Executing" in result["msg"]
    assert not [call for call in scripted.calls if call.method == "POST"]


@pytest.mark.parametrize("given", [{"Pkcs7": 5}, {"Pkcs7": ["x"]}, {"Pfx": {"a": 1}}, {"Error": 5}, {"Error": ["x"]}])
def test_odd_answers_are_told(scripted: Any, reply: Any, given: dict[str, Any]) -> None:
    sent, answer = documented()
    scripted.script = lambda call: reply([answer, given] if call.method == "POST" else {"Uuid": WEB, "Status": 3})
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[sent])
    assert "1 of 2 certificates" in result["msg"]
    assert "BEGIN CERTIFICATE" in result["certificates"][0]["certificate"]


def test_nothing_issued_is_an_error(scripted: Any, reply: Any) -> None:
    scripted.script = lambda call: reply([] if call.method == "POST" else {"Uuid": WEB, "Status": 3})
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[csr()])
    assert "issued no certificate" in result["msg"]


def test_a_password_with_a_line_end_is_refused_before_anything_is_issued(scripted: Any, tmp_path: Path) -> None:
    given = {"request_id": WEB, "pfx_password": f"{PASSWORD}\n", "pfx_dest": str(tmp_path / "x.pfx")}
    result = run(mimcm_certificate, scripted, **given)
    assert result["msg"].startswith("pfx_password begins or ends with a line end")
    assert PASSWORD not in result["msg"]
    assert scripted.calls == []


@pytest.mark.parametrize("given", [{}, {"Error": ""}, {"isKeyHistory": False}])
def test_the_certificate_of_another_key_is_not_taken(
    scripted: Any, reply: Any, tmp_path: Path, given: dict[str, Any]
) -> None:
    _sent, answer = documented()
    foreign = {**answer, **given}
    scripted.script = lambda call: reply([foreign] if call.method == "POST" else {"Uuid": WEB, "Status": 3})
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[csr()], dest=str(tmp_path / "x.pem"))
    assert result["failed"]
    assert result["changed"]
    assert "which is for none of the keys in the certificate requests" in result["msg"]
    assert not (tmp_path / "x.pem").exists()


@pytest.mark.parametrize("mark", ["isKeyHistory", "isServerGenerated", "isExternal", "isPfx"])
def test_the_certificate_of_another_key_is_taken_where_the_server_says_so(scripted: Any, reply: Any, mark: str) -> None:
    _sent, answer = documented()
    both = [{**answer, mark: True}, {"Error": "No"}]
    scripted.script = lambda call: reply(both if call.method == "POST" else {"Uuid": WEB, "Status": 3})
    result = run(mimcm_certificate, scripted, request_id=WEB, csrs=[csr()])
    assert "1 of 2 certificates" in result["msg"]
