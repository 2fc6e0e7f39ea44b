# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that somebody got wrong in a way that puts a secret where none belongs."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors, options
from ansible_collections.certops.mimcm.tests.unit.helpers import params

URL = "https://cm.contoso.com"
SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        "https://alice:hunter2@cm.contoso.com",
        "https://alice:hunter2/x@cm.contoso.com",
        "https://alice:hunter2#x@cm.contoso.com",
        "https://alice:hunter2?x@cm.contoso.com",
        "https://alice:hunter2@cm.contoso.com:port",
        "https://alice:hunter2@",
        "https://alice:1234/hunter2@cm.contoso.com",
        "https://alice:hunter2@[::1",
        "https:/alice:hunter2@cm.contoso.com",
        "https:alice:hunter2@cm.contoso.com",
        "htps://alice:hunter2@cm.contoso.com",
        "//alice:hunter2@cm.contoso.com",
        "alice:hunter2@cm.contoso.com",
        r"https://CONTOSO\alice:hunter2@cm.contoso.com",
    ],
)
@pytest.mark.parametrize("function", [options.connection, options.login])
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str, function: Any) -> None:
    with pytest.raises(errors.UsageError, match="url") as caught:
        function(params(url=url, auth_method="ntlm", username="alice", password="x"))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", [" https://cm.contoso.com \n", "HTTPS://CM.contoso.com/", "https://cm.contoso.com:443"])
def test_url_forms(url: str) -> None:
    base = options.connection(params(url=url, api_path="/a/")).base
    assert base.lower() in ("https://cm.contoso.com/a", "https://cm.contoso.com:443/a")


@pytest.mark.parametrize("token", ["t\u00e4", "a\nb", "a b", "a\x00", "\u2028", "a\r", "\x7f"])
def test_an_odd_token_is_refused_and_not_repeated(token: str) -> None:
    token = f"hunter2{token}"
    with pytest.raises(errors.UsageError, match="token contains") as caught:
        options.login(params(url=URL, auth_method="token", token=token))
    assert SECRET not in f"{caught.value}{caught.value!r}{caught.value.details}"


@pytest.mark.parametrize("token", ["a.b-c_d~e+f/g==", "{}", "%s", "'\"", "\\"])
def test_a_token_of_printable_characters_is_taken(token: str) -> None:
    assert options.login(params(url=URL, auth_method="token", token=token)).token == token
