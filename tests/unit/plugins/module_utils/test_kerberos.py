# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos against a realm of its own; skipped where MIT Kerberos or its Python packages are missing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors, options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.client import Client, connect

pytest.importorskip("gssapi")
pytest.importorskip("krb5")


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    from mimcm_simulator import realm

    if realm.missing():
        pytest.skip(f"MIT Kerberos is not installed: {', '.join(realm.missing())}")
    with realm.realm(tmp_path_factory.mktemp("realm")) as found:
        yield found


@pytest.fixture(scope="module")
def secured(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A reference server that wants Kerberos bound to its TLS connection: its address and its CA."""
    from mimcm_simulator.launch import running

    ca_path = str(tmp_path_factory.mktemp("tls") / "ca.pem")
    arguments = ["--tls", "--ca-file", ca_path, "--auth", "kerberos", "--require-channel-bindings"]
    with running(*arguments, environment=variables) as server:
        yield server.origin.replace("127.0.0.1", "localhost"), ca_path


@pytest.fixture
def ticket(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("KRB5_KTNAME")
    return monkeypatch


def client(secured: tuple[str, str], **given: Any) -> Client:
    defaults = {name: spec.get("default") for name, spec in options.COMMON_SPEC.items()}
    return connect({**defaults, "url": secured[0], "ca_path": secured[1], "retries": 0, **given})


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_the_ticket_is_used(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("certops.mimcm")
    ticket.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, "certops.mimcm"):
        api = client(secured, auth_method=method)
        for _turn in range(3):
            assert api.list_requests()
    assert "signed in to localhost: kerberos under the scheme Negotiate" in caplog.text


def test_a_password_gets_a_ticket_of_its_own(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from mimcm_simulator.realm import PASSWORD, PRINCIPAL

    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    assert client(secured, auth_method="kerberos", username=PRINCIPAL, password=PASSWORD).list_requests()
    assert not (tmp_path / "empty").exists()


def test_a_wrong_password(secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from mimcm_simulator.realm import PRINCIPAL

    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    with pytest.raises(errors.AuthenticationFailed, match="auth_method kerberos failed on this side") as caught:
        client(secured, auth_method="kerberos", username=PRINCIPAL, password="wr0ng-wr0ng").list_requests()
    assert "wr0ng" not in str(caught.value)


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_without_a_ticket_the_remedy_is_named(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path, method: str
) -> None:
    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    with pytest.raises(errors.AuthenticationFailed, match="kinit"):
        client(secured, auth_method=method).list_requests()
