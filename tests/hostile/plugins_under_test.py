# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module and lookup, with options that the reference server's documented world satisfies."""

from __future__ import annotations

import base64
import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml
from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute

_PLUGINS = "ansible_collections.certops.mimcm.plugins"
PASSWORD, TOKEN = "passw0rd-passw0rd", "t0ken-t0ken-t0ken"
REQUEST, CARD = "11111111-0000-4000-8000-000000000002", "22222222-0000-4000-8000-000000000001"
CARD_ID, TEMPLATE = "33333333-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001"
ALICE = "aaaaaaaa-0000-4000-8000-000000000001"
WORLD = {
    "profile_templates": [
        {
            "id": TEMPLATE,
            "name": "Employees",
            "smartcard_configuration": {"admin_key": "0123456789abcdef" * 3, "diversify": True},
        }
    ],
    "requests": [{"id": REQUEST, "status": "Approved", "smartcard": CARD, "profile_template": TEMPLATE}],
    "smartcards": [{"id": CARD, "card_id": CARD_ID, "pin": "0042"}],
}


@dataclass(frozen=True)
class Plugin:
    """A module or a lookup.

    Args:
        name: Its name.
        options: What it is called with.
        kind: C(module) or C(lookup).
            terms: A lookup's terms.
        patience: Options that bound how long it looks whether something arrived.
    """

    name: str
    options: dict[str, Any]
    kind: str = "module"
    terms: tuple[str, ...] = ()
    patience: dict[str, Any] = field(default_factory=dict)

    def result(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return a module's result, or what a lookup's would be."""
        options = {"auth_method": "none", "password": PASSWORD, "token": TOKEN, **self.options, **given}
        return _RUN[self.kind](self, options)

    def run(self, given: dict[str, Any]) -> tuple[bool, str]:
        """Return whether it succeeded, and what it said."""
        result = self.result(given)
        said = result.get("msg") or " ".join(result.get("problems", []))
        return not result.get("failed") and result.get("ok", True), said


def _run_module(plugin: Plugin, options: dict[str, Any]) -> dict[str, Any]:
    module = importlib.import_module(f"{_PLUGINS}.modules.{plugin.name}")
    if plugin.name == "mimcm_login":
        # For it, the server is AD FS as well.
        options = {**options, "adfs_url": options["url"]}
    validated = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(options)
    assert validated.error_messages == []
    return execute(module.run, validated.validated_parameters, False, getattr(module, "open_client", connect))


def _run_lookup(plugin: Plugin, options: dict[str, Any]) -> dict[str, Any]:
    if plugin.name == "mimcm_login":
        options = {**options, "adfs_url": options["url"]}
    lookup = importlib.import_module(f"{_PLUGINS}.lookup.{plugin.name}").LookupModule(templar=_NoVariables())
    # What Ansible's loader does with a plugin of an installed collection.
    lookup._load_name = plugin.name
    C.config.initialize_plugin_configuration_definitions("lookup", plugin.name, _definitions(plugin.name))
    try:
        lookup.run(list(plugin.terms), variables={}, **options)
    except AnsibleError as error:
        return {"failed": True, "msg": str(error)}
    return {}


@functools.cache
def _definitions(name: str) -> dict[str, Any]:
    """Return a lookup's options as its documentation and the fragments that it names define them."""
    documentation = yaml.safe_load(importlib.import_module(f"{_PLUGINS}.lookup.{name}").DOCUMENTATION)
    found: dict[str, Any] = {}
    for fragment in documentation["extends_documentation_fragment"]:
        _namespace, _collection, module, part = f"{fragment}.documentation".split(".")[:4]
        text = getattr(importlib.import_module(f"{_PLUGINS}.doc_fragments.{module}").ModuleDocFragment, part.upper())
        for option, given in yaml.safe_load(text)["options"].items():
            found.setdefault(option, {}).update(given)
    return {**found, **documentation["options"]}


def _csr() -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


class _NoVariables:
    def template(self, value: Any) -> Any:
        return value


_RUN: dict[str, Callable[[Plugin, dict[str, Any]], dict[str, Any]]] = {"module": _run_module, "lookup": _run_lookup}

_CARD = {"request_id": REQUEST, "smartcard_id": CARD, "card_id": CARD_ID}
_ADFS = {
    "auth_method": "adfs",
    "grant_type": "password",
    "client_id": "automation",
    "username": "automation",
    "token": None,
    "allow_http_credentials": True,
}
READERS = [
    Plugin("mimcm_certificate_info", {"smartcard_id": CARD}),
    Plugin("mimcm_certificate_request_info", {"request_id": REQUEST}),
    Plugin("mimcm_compliance", {}),
    Plugin("mimcm_profile_info", {}),
    Plugin("mimcm_profile_template_info", {"name": "Employees", "policies": ["Enroll"]}),
    Plugin("mimcm_request_gate", {"request_ids": [REQUEST]}),
    Plugin("mimcm_request_info", {"request_ids": [REQUEST]}),
    Plugin("mimcm_request_wait", {"request_ids": [REQUEST], "wait_timeout": 0}),
    Plugin("mimcm_smartcard_admin_key", _CARD),
    Plugin("mimcm_smartcard_challenge", {**_CARD, "challenge": "cfaa62118bbd2500"}),
    Plugin("mimcm_smartcard_info", {"smartcard_ids": [CARD]}),
    Plugin("mimcm_smartcard_pin", {"smartcard_id": CARD}),
    Plugin("mimcm_request", {}, "lookup", (REQUEST,)),
    Plugin("mimcm_smartcard_pin", {}, "lookup", (CARD,)),
]
_SOON = {"reconcile_timeout": 0.3}
WRITERS = [
    Plugin("mimcm_request", {"type": "Enroll", "profile_template": TEMPLATE, "target": ALICE}, patience=_SOON),
    Plugin(
        "mimcm_enrolments",
        {"scope": "staff", "people": [{"name": "alice", "target": ALICE, "templates": [TEMPLATE]}]},
        patience=_SOON,
    ),
    Plugin("mimcm_smartcard", {"state": "retired", "request_id": REQUEST, "smartcard_id": CARD}, patience=_SOON),
    Plugin("mimcm_certificate", {"request_id": REQUEST, "csrs": [_csr()]}),
]
PLUGINS = [
    *READERS,
    *WRITERS,
    Plugin("mimcm_login", _ADFS),
    Plugin("mimcm_login", _ADFS, "lookup"),
    Plugin("mimcm_ping", {}),
]
