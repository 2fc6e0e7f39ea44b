#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up how to generate certificate requests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_certificate_request_info
short_description: Look up how to generate keys and certificate requests for a request in MIM CM
version_added: 0.2.0
description:
  - Returns, for each certificate that a request should produce, how to generate its key and its PKCS#10 certificate
    request. Submit the certificate request with M(certops.mimcm.mimcm_certificate).
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.connection
  - certops.mimcm.auth
options:
  request_id:
    description:
      - The id (a GUID) of an approved request.
    type: str
    required: true
seealso:
  - module: certops.mimcm.mimcm_certificate
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Look up the required key size
  certops.mimcm.mimcm_certificate_request_info:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
  register: generation

- name: Generate the key
  ansible.builtin.command:
    cmd: openssl genrsa -out server.key {{ generation.options[0].key_size }}
    creates: server.key
"""

RETURN = r"""
options:
  description: The generation options, one item for each certificate. Empty if the server has none for the request.
  returned: success
  type: list
  elements: dict
  contains:
    subject:
      description: The subject that the certificate request must have, empty if the CA sets it.
      type: str
    key_algorithm_name:
      description: The name of the key's algorithm, for example V(RSA).
      type: str
    key_size:
      description: The size of the key in bits.
      type: int
    hash_algorithm_name:
      description: The name of the digest with which the certificate request is signed, for example V(SHA256).
      type: str
    key_usages:
      description: A bit mask, as Windows defines it.
      type: int
    exportable:
      description: Whether the private key may be exported, as a number.
      type: int
    key_protection_level:
      description: How the private key is protected on Windows, as a number.
      type: int
    key_storage_provider_names:
      description: The names of the Windows key storage providers.
      type: list
      elements: str
    friendly_name:
      description: The certificate's friendly name on Windows.
      type: str
  sample:
    - subject: ""
      key_algorithm_name: RSA
      key_size: 2048
      hash_algorithm_name: SHA1
      key_usages: 3
      exportable: 0
      key_protection_level: 0
      key_storage_provider_names: [Contoso Smart Card Key Storage Provider]
      friendly_name: ""
"""

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import GenerationOptions
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module

ARGUMENT_SPEC = {**COMMON_SPEC, "request_id": {"type": "str", "required": True}}


class Result(Returned):
    """The module's result."""

    options: list[GenerationOptions]


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the generation options of the request."""
    return {"options": client.list_generation_options(guid(params["request_id"], "request_id"))}


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
