# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server offers in WWW-Authenticate."""

from __future__ import annotations

import base64
import time

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import credentials


@pytest.mark.parametrize(
    ("headers", "schemes"),
    [
        (["Negotiate", "NTLM"], {"Negotiate": None, "NTLM": None}),
        (["Negotiate, NTLM"], {"Negotiate": None, "NTLM": None}),
        (["NTLM " + base64.b64encode(b"abc").decode()], {"NTLM": b"abc"}),
        (['Bearer realm="a, b", error="x"'], {"Bearer": None}),
        (["negotiate YWJjZA==, Basic realm=cm"], {"negotiate": b"abcd", "Basic": None}),
        ([], {}),
    ],
)
def test_offers(headers: list[str], schemes: dict[str, bytes | None]) -> None:
    assert credentials.parse_schemes(headers) == schemes


@pytest.mark.parametrize(
    ("headers", "schemes"),
    [
        (["Negotiate,NTLM"], ["Negotiate", "NTLM"]),
        (["  NTLM  ", "Negotiate"], ["NTLM", "Negotiate"]),
        (['Digest realm="x", nonce="NTLM", NTLM'], ["Digest", "NTLM"]),
        (['Basic realm="ask for Negotiate, NTLM or Basic"'], ["Basic"]),
        (['Bearer error="invalid_token", error_description="x, NTLM y", Negotiate'], ["Bearer", "Negotiate"]),
        ([""], []),
        ([",,,"], []),
    ],
)
def test_schemes_are_not_found_inside_quotes(headers: list[str], schemes: list[str]) -> None:
    assert list(credentials.parse_schemes(headers)) == schemes


@pytest.mark.parametrize(
    "header", ['"\\' * 30000, '"a' * 30000, "," + " " * 60000, "a " + "A" * 65000 + "!", ",a" * 30000, '\\"' * 30000]
)
def test_a_header_of_any_kind_takes_no_time(header: str) -> None:
    start = time.process_time()
    credentials.parse_schemes([header] * 20)
    assert time.process_time() - start < 5
