# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients that are shared by tasks."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.modules import mimcm_request_info
from ansible_collections.certops.mimcm.plugins.plugin_utils import _clients as clients


def test_a_client_is_shared_by_the_same_options_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_CLIENTS", {})
    arguments = {"url": "https://127.0.0.1:1", "auth_method": "none"}
    params = ArgumentSpecValidator(mimcm_request_info.ARGUMENT_SPEC).validate(arguments).validated_parameters
    first = clients.shared_client(params)
    assert clients.shared_client({**params, "query": "@", "request_ids": ["x"]}) is first
    assert clients.shared_client({**params, "timeout": 7.0}) is not first
    assert clients.shared_client({**params, "auth_method": "token", "token": "x"}) is not first
