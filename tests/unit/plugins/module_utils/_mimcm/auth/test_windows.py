# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which mechanism answers an offer."""

from __future__ import annotations

import base64

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import choose
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.credentials import Challenge

SECRET = "5ecret-5ecret"
ALICE = {"username": r"CONTOSO\alice", "password": SECRET}


@pytest.mark.parametrize(
    ("method", "offered", "scheme"),
    [
        ("ntlm", ["Negotiate", "NTLM"], "NTLM"),
        ("ntlm", ["Negotiate"], "Negotiate"),
        ("negotiate", ["NTLM", "Negotiate"], "Negotiate"),
        ("negotiate", ["NTLM"], "NTLM"),
        ("negotiate", ["Basic"], None),
        ("ntlm", ["Bearer"], None),
    ],
)
def test_mechanism_for_an_offer(method: str, offered: list[str], scheme: str | None) -> None:
    credentials = choose.credentials(options.Login(method, **ALICE))
    challenge = Challenge(dict.fromkeys(offered), "cm.contoso.com")
    handshake = credentials.handshake(challenge)
    assert (handshake and (handshake.answer(challenge) or "").split()[0]) == scheme


def test_ntlm_sends_no_kerberos_and_no_spnego() -> None:
    credentials = choose.credentials(options.Login("ntlm", **ALICE))
    challenge = Challenge({"Negotiate": None}, "cm.contoso.com")
    handshake = credentials.handshake(challenge)
    assert handshake is not None
    header = handshake.answer(challenge)
    assert header is not None
    assert base64.b64decode(header.split()[1]).startswith(b"NTLMSSP\0")
