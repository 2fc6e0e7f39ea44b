#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up certificates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_certificate_info
short_description: Look up certificates in MIM CM
version_added: 0.2.0
description:
  - Returns the certificates of a smart card, of a profile, or of the account that signs in.
  - The API tells the validity and the issuer only for the account's own certificates. The certificates of a card or
    profile are matched with them by thumbprint; for any that are not the account's own, C(not_after) is null.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.query
  - certops.mimcm.connection
  - certops.mimcm.auth
options:
  smartcard_id:
    description:
      - Return the certificates of the smart card with this id (C(Uuid), a GUID).
    type: str
  profile_id:
    description:
      - Return the certificates of the profile with this id (a GUID).
    type: str
  expires_within:
    description:
      - Return only certificates that expire within this time from now, or have expired. Give a number of days such as
        V(30), or a number with one of the units C(w), C(d), C(h), C(m) and C(s), such as V(12h).
      - Certificates whose expiry date is not known are left out, with a warning that says how many there are.
    type: str
notes:
  - The server does not list retired certificates among the account's own.
seealso:
  - module: certops.mimcm.mimcm_certificate
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: List my certificates that expire within a month
  certops.mimcm.mimcm_certificate_info:
    url: https://cm.contoso.com
    expires_within: 30d
  register: expiring

- name: List the certificates on a smart card
  certops.mimcm.mimcm_certificate_info:
    url: https://cm.contoso.com
    smartcard_id: 17cf063d-e337-4aa9-a822-346554ddd3c9
    query: "[].thumbprint"
"""

RETURN = r"""
certificates:
  description: The certificates. Empty with O(query).
  returned: success
  type: list
  elements: dict
  contains:
    thumbprint:
      description: The SHA-1 digest of the certificate, in hexadecimal.
      type: str
    serial_number:
      description: The certificate's serial number, in hexadecimal.
      type: str
    template_common_name:
      description: The name of the certificate template.
      type: str
    issuer:
      description: The issuing CA, as the server spells it. Null unless the certificate is the account's own.
      type: str
    requester_name:
      description: The account that requested it. Null unless the certificate is the account's own.
      type: str
    not_before:
      description: The start of its validity. The server does not name a time zone; the time is returned as UTC.
      type: str
    not_after:
      description:
        - The end of its validity, in UTC. The API tells it only for the account's own certificates; otherwise, it is
          null.
      type: str
    status:
      description: A number whose meaning is not documented.
      type: int
    certificate_type:
      description: A number whose meaning is not documented.
      type: int
    is_key_history:
      description: Whether it belongs to an earlier key.
      type: bool
    archived_on_ca:
      description: Whether its private key is archived.
      type: bool
    expired:
      description: Whether it has expired; null if the end of its validity is not known.
      type: bool
    days_left:
      description:
        - The number of whole days until it expires; negative if it has expired, null if the end of its validity is not
          known.
      type: int
  sample:
    - thumbprint: 09B41AC106F0C40168940DF4AB74D6DB39DE55EE
      serial_number: 270000013C3A98764EC3233BE400000000013C
      template_common_name: KSPusercertificate
      issuer: WIN-TRUR24L4CFS.corp.cmteam.com\corp-WIN-TRUR24L4CFS-CA
      requester_name: CORP\Administrator
      not_before: "2015-07-14T09:10:31Z"
      not_after: "2016-07-13T09:10:31Z"
      status: 0
      certificate_type: 1
      is_key_history: false
      archived_on_ca: false
      expired: true
      days_left: -3748
count:
  description: The number of certificates found, before O(query) was applied.
  returned: success
  type: int
  sample: 1
query_result:
  description: The result of O(query); null without it.
  returned: success
  type: raw
  sample: null
"""

import datetime
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Certificate, CertificateWithExpiry
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.validity import end_of, joined, with_expiry
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import one_of
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import queries
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.times import duration

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "smartcard_id": {"type": "str"},
    "profile_id": {"type": "str"},
    "expires_within": {"type": "str"},
    "query": {"type": "str"},
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    smartcard_id: str | None
    profile_id: str | None
    expires_within: str | None
    query: str | None


class Result(Returned):
    """The module's result."""

    certificates: list[CertificateWithExpiry]
    count: int
    query_result: Any


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the certificates that the options ask for."""
    options = own_options(Options, params)
    one_of(smartcard_id=options.smartcard_id, profile_id=options.profile_id)
    within = duration(options.expires_within, "expires_within") if options.expires_within else None
    query = queries.optional(options.query)
    now = datetime.datetime.now(datetime.timezone.utc)
    found = [with_expiry(certificate, now) for certificate in _find(client, options)]
    warnings: list[str] = []
    if within is not None:
        ends = [end_of(certificate) for certificate in found]
        warnings = _left_out(ends.count(None))
        found = [certificate for certificate, end in zip(found, ends, strict=True) if end and end <= now + within]
    shown, query_result = queries.answered(query, found)
    return {"certificates": shown, "count": len(found), "query_result": query_result, "warnings": warnings}


def _find(client: Client, options: Options) -> list[Certificate]:
    if options.smartcard_id:
        found = client.list_smartcard_certificates(guid(options.smartcard_id, "smartcard_id"))
    elif options.profile_id:
        found = client.list_profile_certificates(guid(options.profile_id, "profile_id"))
    else:
        return client.list_certificates()
    return joined(found, client.list_certificates()) if found else []


def _left_out(count: int) -> list[str]:
    if not count:
        return []
    return [
        f"{count} certificate{'s are' if count > 1 else ' is'} left out, because the API returns the expiry only of "
        "the account's own certificates."
    ]


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
