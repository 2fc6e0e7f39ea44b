# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up requests in an expression."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mimcm_request
short_description: Look up requests in MIM CM
version_added: 0.1.0
description:
  - Returns requests of Microsoft Identity Manager Certificate Management by id, or all that the account may read.
  - A lookup runs on the controller, and again each time the expression is evaluated. Keep its result with
    M(ansible.builtin.set_fact) if you need it more than once.
  - C(lookup) returns the request itself if there is exactly one, and a list otherwise; C(query) always returns a list.
extends_documentation_fragment:
  - certops.mimcm.query
  - certops.mimcm.connection
  - certops.mimcm.connection.plugins
  - certops.mimcm.auth
  - certops.mimcm.auth.plugins
requirements:
  - requests >= 2.28, with urllib3 >= 1.26.12
  - pyspnego >= 0.10.2 for O(auth_method=negotiate), O(auth_method=kerberos) and O(auth_method=ntlm); with the extra
    C(kerberos) for Kerberos
options:
  _terms:
    description:
      - The ids (GUIDs) of the requests. Without any, all requests that the account may read are returned; an empty list
        returns none.
    type: list
    elements: str
  status:
    description:
      - Return only requests in this status. The server filters.
      - V(None) is the status of a request that has not been processed.
    type: str
    choices: [Pending, Approved, Executing, Completed, Denied, Canceled, Failed, None]
  query:
    description:
      - A L(JMESPath,https://jmespath.org) expression over the list of requests. Its result is returned instead of the
        requests.
  on_missing:
    description:
      - What to do about an id that the server does not know or the account may not see.
      - V(error) fails, V(warn) leaves the id out with a warning, V(skip) leaves it out silently.
      - The same holds for an id whose request cannot be read while others can; that is never left out silently.
    type: str
    choices: [error, warn, skip]
    default: error
seealso:
  - module: certops.mimcm.mimcm_request_info
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Show the status of one request
  ansible.builtin.debug:
    msg: "{{ lookup('certops.mimcm.mimcm_request', request_id, url='https://cm.contoso.com').status }}"
  vars:
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099

- name: List the ids of all requests that wait for an approver
  ansible.builtin.debug:
    msg: "{{ query('certops.mimcm.mimcm_request', status='Pending', query='[].uuid') }}"
  vars:
    mimcm_url: https://cm.contoso.com
"""

RETURN = r"""
_raw:
  description:
    - The requests, in the order of the ids or in the server's order, each with the keys that
      M(certops.mimcm.mimcm_request_info) documents.
    - With O(query), the result of the expression; a result that is not a list is returned as a list of one element.
  type: list
  elements: raw
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.certops.mimcm.plugins.modules.mimcm_request_info import run
from ansible_collections.certops.mimcm.plugins.plugin_utils._lookups import ids_of, options_of, run_lookup


class LookupModule(LookupBase):
    """The lookup certops.mimcm.mimcm_request."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return the requests with these ids, or all."""
        options = options_of(self, variables, kwargs)
        request_ids = ids_of(terms) if terms else None
        result = run_lookup(
            "certops.mimcm.mimcm_request", run, {**options, "request_ids": request_ids, "target_user": None}
        )
        if result["missing"]:
            _report_missing(result["missing"], options["on_missing"])
        if result["unreadable"] and options["on_missing"] == "error":
            raise AnsibleLookupError(f"certops.mimcm.mimcm_request: {' '.join(result['problems'].values())}")
        if not options["query"]:
            return result["requests"]
        found = result["query_result"]
        return found if isinstance(found, list) else [found]


def _report_missing(missing: list[str], on_missing: str) -> None:
    message = (
        f"certops.mimcm.mimcm_request: {', '.join(missing)} {'does' if len(missing) == 1 else 'do'} not exist on the "
        "server, or the account may not read it; check the id, or set on_missing='skip'."
    )
    if on_missing == "error":
        raise AnsibleLookupError(message)
    if on_missing == "warn":
        Display().warning(message)
