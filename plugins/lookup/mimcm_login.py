# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get a bearer token in an expression."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mimcm_login
short_description: Get a bearer token for MIM CM from AD FS
version_added: 0.2.0
description:
  - Signs in at AD FS and returns a bearer token.
  - Ansible cannot tell that an expression contains a token. Use the lookup where Ansible hides the value, such as the
    option O(token) of this collection's modules, or set C(no_log=true). The module M(certops.mimcm.mimcm_login) hides
    the token by itself.
  - A lookup signs in again each time the expression is evaluated. Use the module to sign in once for a whole play.
extends_documentation_fragment:
  - certops.mimcm.connection
  - certops.mimcm.connection.plugins
  - certops.mimcm.auth
  - certops.mimcm.auth.plugins
requirements:
  - requests >= 2.28, with urllib3 >= 1.26.12
  - pyspnego >= 0.10.2 for O(grant_type=authorization_code); with the extra C(kerberos) for Kerberos
options:
  _terms:
    description:
      - None. The lookup takes no terms.
    type: list
    elements: str
    required: false
seealso:
  - module: certops.mimcm.mimcm_login
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: List the requests that wait for an approver
  certops.mimcm.mimcm_request_info:
    url: https://cm.contoso.com
    auth_method: token
    token: "{{ lookup('certops.mimcm.mimcm_login', url='https://cm.contoso.com', auth_method='adfs', **adfs) }}"
    status: Pending
  vars:
    adfs:
      adfs_url: https://adfs.contoso.com
      client_id: 2954b462-a5de-4af6-83bc-497cc20bddde
      redirect_uri: https://automation.contoso.com/mimcm
"""

RETURN = r"""
_raw:
  description:
    - The bearer token, as the only item.
  type: list
  elements: str
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.certops.mimcm.plugins.modules.mimcm_login import run
from ansible_collections.certops.mimcm.plugins.plugin_utils._lookups import options_of, run_lookup


class LookupModule(LookupBase):
    """The lookup certops.mimcm.mimcm_login."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """Return the token."""
        if terms:
            raise AnsibleLookupError("certops.mimcm.mimcm_login takes no terms; set its options by name.")
        return [run_lookup("certops.mimcm.mimcm_login", run, options_of(self, variables, kwargs))["token"]]
