# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common options and what they mean together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import FileError, MissingLibrary, UsageError
from ansible_collections.certops.mimcm.tests.unit import helpers


def params(**given: Any) -> dict[str, Any]:
    return helpers.params(**{"url": "https://cm.contoso.com", **given})


@pytest.mark.parametrize(
    ("url", "api_path", "base"),
    [
        (
            "https://cm.contoso.com",
            "/CertificateManagement/api/v1.0",
            "https://cm.contoso.com/CertificateManagement/api/v1.0",
        ),
        ("https://cm.contoso.com:8443/", "CM/api/v1.0/", "https://cm.contoso.com:8443/CM/api/v1.0"),
        ("http://[::1]:80/proxy/", "/", "http://[::1]:80/proxy"),
    ],
)
def test_base(url: str, api_path: str, base: str) -> None:
    assert options.connection(params(url=url, api_path=api_path)).base == base


@pytest.mark.parametrize(
    "url",
    ["cm.contoso.com", "ftp://cm.contoso.com", "https://", "https:///x", "https://cm:port", "//cm", "", "https://["],
)
def test_malformed_url(url: str) -> None:
    with pytest.raises(UsageError, match="must start with https://"):
        options.connection(params(url=url))


@pytest.mark.parametrize("url", ["https://alice:hunter2@cm.contoso.com", "https://hunter2@cm.contoso.com"])
def test_userinfo_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="must not contain a user name") as caught:
        options.connection(params(url=url))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://cm.contoso.com/?a=b", "https://cm.contoso.com/#top"])
def test_query_and_fragment_are_refused(url: str) -> None:
    with pytest.raises(UsageError, match="query or a fragment"):
        options.connection(params(url=url))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"timeout": 0}, "timeout must be more than 0"),
        ({"retries": -1}, "retries must be 0 or more"),
        ({"client_key": __file__}, "client_key needs client_cert"),
        ({"ca_path": "/nonexistent/ca.pem"}, "ca_path: /nonexistent/ca.pem does not exist"),
        ({"client_cert": "/nonexistent/c.pem"}, "client_cert: /nonexistent/c.pem does not exist"),
    ],
)
def test_wrong_connection_options(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        options.connection(params(**given))


ALICE = {"username": "alice", "password": "hunter2"}


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"auth_method": "none"}, False),
        ({"auth_method": "token", "token": "t0k"}, True),
        ({"auth_method": "ntlm", **ALICE}, True),
        ({"auth_method": "negotiate", **ALICE}, True),
        ({"auth_method": "negotiate"}, False),
        ({"auth_method": "kerberos"}, False),
        ({"auth_method": "kerberos", **ALICE}, False),
    ],
)
def test_what_is_refused_over_http(given: dict[str, Any], refused: bool) -> None:
    unencrypted = params(url="http://cm.contoso.com", **given)
    if refused:
        with pytest.raises(UsageError, match="use an https:// url, or set allow_http_credentials") as caught:
            options.login(unencrypted)
        assert "hunter2" not in str(caught.value)
        assert "t0k" not in str(caught.value)
    options.login({**unencrypted, "allow_http_credentials": True})
    options.login(params(**given))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"auth_method": "ntlm"}, "needs username and password"),
        ({"auth_method": "ntlm", "username": "alice"}, "needs password"),
        ({"auth_method": "token"}, "needs token"),
        ({"auth_method": "token", "token": ""}, "needs token"),
        ({"auth_method": "kerberos", "password": "hunter2"}, "needs username too"),
        ({"auth_method": "token", "token": "t0k\n"}, "token contains spaces"),
        ({"auth_method": "token", "token": "t0k t0k"}, "token contains spaces"),
    ],
)
def test_incomplete_logins(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        options.login(params(**given))
    assert "t0k" not in str(caught.value)


def test_a_login_shows_no_secret() -> None:
    login = options.login(params(auth_method="negotiate", token="t0k", **ALICE))
    assert "alice" in repr(login)
    assert "hunter2" not in repr(login)
    assert "t0k" not in repr(login)


def test_a_missing_library_is_named_with_its_place_and_remedy() -> None:
    message = str(MissingLibrary("gssapi", "pyspnego[kerberos]"))
    assert "gssapi is missing on" in message
    assert "-m pip install 'pyspnego[kerberos]'" in message


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("")
    with pytest.raises(UsageError, match=f"ca_path: {ca} cannot be read"):
        options.connection(params(ca_path=str(ca)))


# What a login needs beside the option that a test is about.
COMPLETE: dict[str, dict[str, Any]] = {
    "ntlm": {"username": "alice", "password": "hunter2"},
    "negotiate": {"username": "alice", "password": "hunter2"},
    "kerberos": {"username": "alice", "password": "hunter2"},
    "adfs": {
        "adfs_url": "https://adfs.contoso.com",
        "client_id": "automation",
        "redirect_uri": "https://x",
        "client_secret": "hunter2",
        "refresh_token": "hunter2",
        "username": "alice",
        "password": "hunter2",
    },
}
SECRETS = [(method, name) for method, given in COMPLETE.items() for name, value in given.items() if value == "hunter2"]


@pytest.mark.parametrize(("method", "option"), SECRETS)
@pytest.mark.parametrize("secret", ["hunter2\n", "hunter2\r\n", "hunter2\r", "\nhunter2", "hunter2\n\n"])
def test_a_secret_with_a_line_end_at_its_end_is_refused(method: str, option: str, secret: str) -> None:
    with pytest.raises(UsageError, match=f"^{option} begins or ends with a line end.*trim") as caught:
        options.login(params(auth_method=method, **{**COMPLETE[method], option: secret}))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("method", "option"), SECRETS)
@pytest.mark.parametrize("secret", [" hunter2 ", "hunter\n2", "hunter2\\n", "\\\\hunter2", "hunter2\t"])
def test_other_odd_secrets_are_taken(method: str, option: str, secret: str) -> None:
    found = options.login(params(auth_method=method, **{**COMPLETE[method], option: secret}))
    assert getattr(found, option) == secret


@pytest.mark.parametrize("method", COMPLETE)
@pytest.mark.parametrize(
    ("written", "says"),
    [
        (r"'CONTOSO\\alice'", "username contains two backslashes in a row; write one"),
        (r"CONTOSO\\alice", "username contains two backslashes in a row; write one"),
        (r'"CONTOSO\alice"', "username contains a control character"),
        (r'"CONTOSO\bob"', "username contains a control character"),
        (r'"CONTOSO\nina"', "username contains a control character"),
        (r'"CONTOSO\tom"', "username contains a control character"),
        (r'"CONTOSO\Nina"', "username contains a control character"),
        (r'"CONTOSO\Paul"', "username contains a control character"),
        (r'"CONTOSO\_x"', "username contains a control character"),
        ("' alice'", "username begins or ends with a space"),
        ('"alice\\n"', "username begins or ends with a space or a line end"),
    ],
)
def test_a_name_that_yaml_reads_in_another_way_is_refused(method: str, written: str, says: str) -> None:
    name = yaml.safe_load(written)
    with pytest.raises(UsageError) as caught:
        options.login(params(auth_method=method, **{**COMPLETE[method], "username": name}))
    assert str(caught.value).startswith(says)
    assert name.strip() not in str(caught.value)


@pytest.mark.parametrize("method", COMPLETE)
@pytest.mark.parametrize(
    "written", [r"CONTOSO\alice", r"'CONTOSO\alice'", r'"CONTOSO\\alice"', "alice@CONTOSO.COM", "Alice B. M\u00fcller"]
)
def test_a_name_as_it_is_meant_is_taken(method: str, written: str) -> None:
    name = yaml.safe_load(written)
    found = options.login(params(auth_method=method, **{**COMPLETE[method], "username": name}))
    assert found.username == name


def test_a_client_id_with_a_line_end_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^client_id begins or ends with a space"):
        options.login(params(auth_method="adfs", **{**COMPLETE["adfs"], "client_id": "automation\n"}))


def test_what_a_method_does_not_use_is_not_looked_at() -> None:
    odd = {"username": "CONTOSO\\\\alice", "password": "hunter2\n", "client_secret": "hunter2\n"}
    options.login(params(auth_method="none", **odd))
    options.login(params(auth_method="token", token="t0k", **odd))


@pytest.mark.parametrize("name", ["ca_path", "client_cert", "client_key"])
def test_a_fifo_as_a_file_in_pem_is_refused(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    given = {"client_cert": str(tmp_path), name: str(tmp_path / "fifo")}
    with pytest.raises(FileError, match=f"{name}: .* is a FIFO, not a regular file"):
        options.connection(params(**given))
