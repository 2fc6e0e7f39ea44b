# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bearer tokens that AD FS signed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from mimcm_simulator.launch import Running, running

pytest.importorskip("joserfc")
from joserfc import jwk, jwt

AUDIENCE = "https://localhost/certificatemanagement"
KEY: jwk.RSAKey = jwk.RSAKey.generate_key(2048)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    key = tmp_path_factory.mktemp("key") / "key.pem"
    key.write_bytes(KEY.as_pem(private=False))
    with running("--auth", "token,ntlm", "--user", r"CORP\alice:x", *options(key), "--token", "fixed") as server:
        yield server


def options(key: Path) -> tuple[str, ...]:
    return "--token-key", str(key), "--token-audience", AUDIENCE


def token(key: Any = KEY, algorithm: str = "RS256", **claims: Any) -> str:
    now = int(time.time())
    usual = {"aud": AUDIENCE, "iat": now, "exp": now + 3600, "upn": "alice@example.test"}
    kept = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode({"alg": algorithm}, kept, key, algorithms=[algorithm])


def call(server: Running, bearer: str) -> requests.Response:
    return requests.get(f"{server.url}/requests", headers={"Authorization": f"Bearer {bearer}"}, timeout=5)


def test_accepted(guarded: Running) -> None:
    assert call(guarded, token()).status_code == 200
    log = requests.get(f"{guarded.control}/log", timeout=5).json()
    assert log[-1]["user"] == "alice@example.test"
    assert call(guarded, token(aud=["urn:other", AUDIENCE])).status_code == 200
    assert call(guarded, "fixed").status_code == 200


@pytest.mark.parametrize(
    ("bearer", "why"),
    [
        (token(exp=int(time.time()) - 1), "The token is expired"),
        (token(exp=None), "The token is invalid"),
        (token(aud="urn:other"), "The audience is invalid"),
        (token(aud=None), "The audience is invalid"),
        (token(upn=None), "The token names no user"),
        (token(upn=""), "The token names no user"),
        (token(jwk.RSAKey.generate_key(2048)), "The signature is invalid"),
        (token(jwk.OctKey.generate_key(256), "HS256"), ""),
        (token()[:-5], ""),
        ("not a token", ""),
        ("", ""),
    ],
)
def test_refused(guarded: Running, bearer: str, why: str) -> None:
    answer = call(guarded, bearer)
    assert answer.status_code == 401
    offer = answer.headers["WWW-Authenticate"]
    assert offer.startswith('Bearer error="invalid_token"')
    assert offer.endswith(", NTLM")
    assert why in offer


def test_a_token_ends_by_the_clock_of_the_server(guarded: Running) -> None:
    bearer = token(exp=int(time.time()) + 3600)
    assert call(guarded, bearer).status_code == 200
    requests.post(f"{guarded.control}/clock", json={"advance": 3601}, timeout=5).raise_for_status()
    try:
        answer = call(guarded, bearer)
    finally:
        requests.post(f"{guarded.control}/reset", timeout=5).raise_for_status()
    assert answer.status_code == 401
    assert "The token is expired" in answer.headers["WWW-Authenticate"]


def test_without_a_token(guarded: Running) -> None:
    answer = requests.get(f"{guarded.url}/requests", timeout=5)
    assert answer.headers["WWW-Authenticate"] == "Bearer, NTLM"


def test_cannot_start(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "key.pem"
    key.write_text("nothing")
    cases = [
        (("--auth", "token", *options(key)), "cannot be used"),
        (("--auth", "token", "--token-key", str(key)), "--token-key and --token-audience need each other"),
        (options(key), "--token-key and --token-audience need each other"),
    ]
    for given, sentence in cases:
        with pytest.raises(RuntimeError), running(*given):
            pass
        assert sentence in capfd.readouterr().err
