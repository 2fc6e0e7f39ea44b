# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the server is: for modules, and what lookups add to it."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  url:
    description:
      - The address of the MIM CM server, such as V(https://cm.contoso.com). A port may follow the host name.
      - Without it, the variable C(mimcm_url) is used, then the environment variable E(MIMCM_URL).
    type: str
    required: true
  api_path:
    description:
      - The path of the REST API on the server. The name of its virtual directory is chosen when MIM CM is deployed.
      - Without it, the variable C(mimcm_api_path) is used, then the environment variable E(MIMCM_API_PATH).
    type: str
    default: /CertificateManagement/api/v1.0
  validate_certs:
    description:
      - Whether to verify the server's certificate.
      - Without it, the variable C(mimcm_validate_certs) is used, then the environment variable E(MIMCM_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file with the CA certificates to trust, on the host where the task runs.
      - Without it, the variable C(mimcm_ca_path) is used, then the environment variables E(MIMCM_CA_PATH),
        E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE), then the trust store of the operating system and the certificates
        of the Python library certifi together.
    type: path
  client_cert:
    description:
      - A PEM file with a client certificate, and with its private key unless O(client_key) is set.
      - Without it, the variable C(mimcm_client_cert) is used, then the environment variable E(MIMCM_CLIENT_CERT).
    type: path
  client_key:
    description:
      - A PEM file with the unencrypted private key of O(client_cert).
      - Without it, the variable C(mimcm_client_key) is used, then the environment variable E(MIMCM_CLIENT_KEY).
    type: path
  timeout:
    description:
      - The maximum number of seconds for each call, from connecting to the last byte of the answer. Raise it if the
        server takes longer to return a list.
      - Without it, the variable C(mimcm_timeout) is used, then the environment variable E(MIMCM_TIMEOUT).
    type: float
    default: 30
  retries:
    description:
      - How many times to retry a call that only reads if the connection fails or the server answers 429, 502, 503 or
        504. The pauses grow from half a second to 30 seconds, each shortened at random by up to a half; a
        C(Retry-After) is honoured up to 30 seconds.
      - Calls that write are never retried once they have been sent.
      - Without it, the variable C(mimcm_retries) is used, then the environment variable E(MIMCM_RETRIES).
    type: int
    default: 4
  max_connections:
    description:
      - The maximum number of connections to the server that a task opens, from 1 to 64. More than one is used only to
        read many single objects, such as requests that appear in no list, or the certificates of many cards.
      - Without it, the variable C(mimcm_max_connections) is used, then the environment variable
        E(MIMCM_MAX_CONNECTIONS).
    type: int
    default: 4
  max_response_bytes:
    description:
      - The maximum size of an answer in bytes, measured unpacked. A larger answer fails the task before it fills the
        memory, and so does one that would take more than four times as much once it is decoded. A list of a hundred
        thousand requests takes about 100 MB.
      - Without it, the variable C(mimcm_max_response_bytes) is used, then the
        environment variable E(MIMCM_MAX_RESPONSE_BYTES).
    type: int
    default: 167772160
  use_proxy:
    description:
      - Whether to use the proxy environment variables, such as E(HTTPS_PROXY). SOCKS proxies need the Python
        library C(PySocks).
      - Without it, the variable C(mimcm_use_proxy) is used, then the environment variable E(MIMCM_USE_PROXY).
    type: bool
    default: true
"""

    PLUGINS = r"""
options:
  url:
    env:
      - name: MIMCM_URL
    vars:
      - name: mimcm_url
  api_path:
    env:
      - name: MIMCM_API_PATH
    vars:
      - name: mimcm_api_path
  validate_certs:
    env:
      - name: MIMCM_VALIDATE_CERTS
    vars:
      - name: mimcm_validate_certs
  ca_path:
    env:
      - name: MIMCM_CA_PATH
    vars:
      - name: mimcm_ca_path
  client_cert:
    env:
      - name: MIMCM_CLIENT_CERT
    vars:
      - name: mimcm_client_cert
  client_key:
    env:
      - name: MIMCM_CLIENT_KEY
    vars:
      - name: mimcm_client_key
  timeout:
    env:
      - name: MIMCM_TIMEOUT
    vars:
      - name: mimcm_timeout
  retries:
    env:
      - name: MIMCM_RETRIES
    vars:
      - name: mimcm_retries
  max_connections:
    env:
      - name: MIMCM_MAX_CONNECTIONS
    vars:
      - name: mimcm_max_connections
  max_response_bytes:
    env:
      - name: MIMCM_MAX_RESPONSE_BYTES
    vars:
      - name: mimcm_max_response_bytes
  use_proxy:
    env:
      - name: MIMCM_USE_PROXY
    vars:
      - name: mimcm_use_proxy
"""
