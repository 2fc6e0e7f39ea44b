# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who the caller is: for modules, and what lookups add to it."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  auth_method:
    description:
      - How to sign in.
      - V(negotiate) is Windows integrated authentication, Kerberos where possible and NTLM otherwise; what was chosen
        is shown with C(-vvv).
      - V(kerberos) never sends an NTLM token and V(ntlm) never a Kerberos one.
      - V(token) sends O(token) as a bearer token.
      - V(none) signs nobody in; use it for the reference server.
      - TLS channel bindings are sent with V(negotiate), V(kerberos) and V(ntlm), as Extended Protection requires them.
      - Without it, the variable C(mimcm_auth_method) is used, then the environment variable E(MIMCM_AUTH_METHOD).
    type: str
    choices: [negotiate, kerberos, ntlm, token, none]
    default: negotiate
  username:
    description:
      - The account, C(DOMAIN\name) or C(name@REALM).
      - With V(negotiate) or V(kerberos) and none given, the Kerberos ticket cache or the client keytab is used.
      - Without it, the variable C(mimcm_username) is used, then the environment variable E(MIMCM_USERNAME).
    type: str
  password:
    description:
      - The account's password. A password that the server refuses is tried once for a task, not once for each loop
        item, because domains lock accounts.
      - Without it, the variable C(mimcm_password) is used, then the environment variable E(MIMCM_PASSWORD).
    type: str
  token:
    description:
      - The bearer token for O(auth_method=token).
      - Without it, the variable C(mimcm_token) is used, then the environment variable E(MIMCM_TOKEN).
    type: str
  allow_http_credentials:
    description:
      - Whether a token, an NTLM response, or V(negotiate) with a password may be sent to a C(http://) address, where
        anybody on the way can read them.
      - Kerberos alone exposes no secret and needs no such consent; the answers, PINs among them, are readable all the
        same.
      - Without it, the variable C(mimcm_allow_http_credentials) is used, then the environment variable
        E(MIMCM_ALLOW_HTTP_CREDENTIALS).
    type: bool
    default: false
"""

    PLUGINS = r"""
options:
  auth_method:
    env:
      - name: MIMCM_AUTH_METHOD
    vars:
      - name: mimcm_auth_method
  username:
    env:
      - name: MIMCM_USERNAME
    vars:
      - name: mimcm_username
  password:
    env:
      - name: MIMCM_PASSWORD
    vars:
      - name: mimcm_password
  token:
    env:
      - name: MIMCM_TOKEN
    vars:
      - name: mimcm_token
  allow_http_credentials:
    env:
      - name: MIMCM_ALLOW_HTTP_CREDENTIALS
    vars:
      - name: mimcm_allow_http_credentials
"""
