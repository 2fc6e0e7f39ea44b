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
      - V(negotiate) is Windows integrated authentication, with Kerberos where possible and NTLM otherwise; C(-vvv)
        shows which one was chosen.
      - V(kerberos) never sends an NTLM token, and V(ntlm) never a Kerberos one.
      - V(adfs) gets a bearer token from AD FS; see O(grant_type).
      - V(token) sends O(token) as a bearer token.
      - V(none) sends no credentials; use it with the reference server.
      - TLS channel bindings, which Extended Protection requires, are sent with V(negotiate), V(kerberos) and V(ntlm);
        see O(channel_bindings).
      - Without it, the variable C(mimcm_auth_method) is used, then the environment variable E(MIMCM_AUTH_METHOD).
    type: str
    choices: [negotiate, kerberos, ntlm, adfs, token, none]
    default: negotiate
  username:
    description:
      - The account, C(DOMAIN\name) or C(name@REALM), with one backslash; between double quotes, YAML wants it doubled.
      - If it is not set, V(negotiate) and V(kerberos) use the Kerberos ticket cache or the client keytab.
      - With O(keytab) or O(ticket_cache), the principal to use from there.
      - Without it, the variable C(mimcm_username) is used, then the environment variable E(MIMCM_USERNAME).
    type: str
  password:
    description:
      - The account's password. A password that the server refuses is tried once per task, not once per loop item,
        because domains lock accounts.
      - Without it, the variable C(mimcm_password) is used, then the environment variable E(MIMCM_PASSWORD).
    type: str
  keytab:
    description:
      - A file with the account's Kerberos keys, on the host where the task runs, instead of O(password). Anyone who can
        read it can act as the account.
      - Used with V(negotiate) and V(kerberos), and to sign in at AD FS. Without it and O(ticket_cache), Kerberos itself
        uses the keytab in E(KRB5_CLIENT_KTNAME).
      - Without it, the variable C(mimcm_keytab) is used, then the environment variable E(MIMCM_KEYTAB).
    type: path
  ticket_cache:
    description:
      - The Kerberos ticket cache to use, such as V(FILE:/run/automation/krb5cc), on the host where the task runs.
        Without it, the one in E(KRB5CCNAME) or krb5.conf is used.
      - Without it, the variable C(mimcm_ticket_cache) is used, then the environment variable E(MIMCM_TICKET_CACHE).
    type: str
  channel_bindings:
    description:
      - Whether what is sent to sign in is bound to the TLS connection, with V(negotiate), V(kerberos) and V(ntlm), and
        when signing in at AD FS.
      - V(auto) binds it to the server's certificate over C(https://), as Extended Protection requires.
      - V(never) is for a balancer or a proxy that ends TLS with a certificate of its own, in front of a server that
        compares the bindings with its own certificate. The protection is lost with it, so whoever gets between this
        side and the server with a certificate that is trusted here can relay the sign-in and act as the account. A
        server that requires Extended Protection refuses it.
      - Without it, the variable C(mimcm_channel_bindings) is used, then the environment variable
        E(MIMCM_CHANNEL_BINDINGS).
    type: str
    choices: [auto, never]
    default: auto
  token:
    description:
      - The bearer token for O(auth_method=token).
      - With O(auth_method=adfs), a token from M(certops.mimcm.mimcm_login) to start with; it is replaced when the
        server refuses it.
      - Without it, the variable C(mimcm_token) is used, then the environment variable E(MIMCM_TOKEN).
    type: str
  adfs_url:
    description:
      - The address of AD FS for O(auth_method=adfs), such as V(https://adfs.contoso.com). The path C(/adfs) is added if
        there is none.
      - Without it, the variable C(mimcm_adfs_url) is used, then the environment variable E(MIMCM_ADFS_URL).
    type: str
  grant_type:
    description:
      - How to get a token from AD FS.
      - V(authorization_code) signs in the way Windows does, with O(username) and O(password), O(keytab) or a Kerberos
        ticket, for a registered public client. It works with AD FS of Windows Server 2012 R2 and later.
      - V(password) sends O(username) and O(password) to AD FS. It works with Windows Server 2016 and later, where it is
        allowed.
      - V(refresh_token) uses O(refresh_token) alone.
      - V(client_credentials) signs in a client rather than a user, with O(client_secret). MIM CM works for users, so it
        most likely refuses such a token.
      - Without it, the variable C(mimcm_grant_type) is used, then the environment variable E(MIMCM_GRANT_TYPE).
    type: str
    choices: [authorization_code, password, refresh_token, client_credentials]
    default: authorization_code
  client_id:
    description:
      - The id of the client that is registered in AD FS (C(Add-AdfsClient)), for O(auth_method=adfs).
      - Without it, the variable C(mimcm_client_id) is used, then the environment variable E(MIMCM_CLIENT_ID).
    type: str
  client_secret:
    description:
      - The secret of a confidential client.
      - Without it, the variable C(mimcm_client_secret) is used, then the environment variable E(MIMCM_CLIENT_SECRET).
    type: str
  redirect_uri:
    description:
      - A redirect URI that is registered for O(client_id), for O(grant_type=authorization_code). It is only compared,
        never called.
      - Without it, the variable C(mimcm_redirect_uri) is used, then the environment variable E(MIMCM_REDIRECT_URI).
    type: str
  resource:
    description:
      - The identifier of the relying party trust of MIM CM in AD FS.
      - By default, C(https://), the host of O(url), and C(/certificatemanagement).
      - Without it, the variable C(mimcm_resource) is used, then the environment variable E(MIMCM_RESOURCE).
    type: str
  refresh_token:
    description:
      - A refresh token from M(certops.mimcm.mimcm_login), used before O(grant_type).
      - Without it, the variable C(mimcm_refresh_token) is used, then the environment variable E(MIMCM_REFRESH_TOKEN).
    type: str
  allow_http_credentials:
    description:
      - Whether a token, an NTLM response, V(negotiate) with a password, or what AD FS is sent may go to an C(http://)
        address, where anybody on the network path can read it.
      - Kerberos alone exposes no secret and does not need this option; but the answers, including PINs, are still
        readable.
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
  keytab:
    env:
      - name: MIMCM_KEYTAB
    vars:
      - name: mimcm_keytab
  ticket_cache:
    env:
      - name: MIMCM_TICKET_CACHE
    vars:
      - name: mimcm_ticket_cache
  channel_bindings:
    env:
      - name: MIMCM_CHANNEL_BINDINGS
    vars:
      - name: mimcm_channel_bindings
  token:
    env:
      - name: MIMCM_TOKEN
    vars:
      - name: mimcm_token
  adfs_url:
    env:
      - name: MIMCM_ADFS_URL
    vars:
      - name: mimcm_adfs_url
  grant_type:
    env:
      - name: MIMCM_GRANT_TYPE
    vars:
      - name: mimcm_grant_type
  client_id:
    env:
      - name: MIMCM_CLIENT_ID
    vars:
      - name: mimcm_client_id
  client_secret:
    env:
      - name: MIMCM_CLIENT_SECRET
    vars:
      - name: mimcm_client_secret
  redirect_uri:
    env:
      - name: MIMCM_REDIRECT_URI
    vars:
      - name: mimcm_redirect_uri
  resource:
    env:
      - name: MIMCM_RESOURCE
    vars:
      - name: mimcm_resource
  refresh_token:
    env:
      - name: MIMCM_REFRESH_TOKEN
    vars:
      - name: mimcm_refresh_token
  allow_http_credentials:
    env:
      - name: MIMCM_ALLOW_HTTP_CREDENTIALS
    vars:
      - name: mimcm_allow_http_credentials
"""
