#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Submit certificate requests and retrieve the issued certificates."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_certificate
short_description: Submit certificate requests to MIM CM and retrieve the certificates
version_added: 0.2.0
description:
  - Submits PKCS#10 certificate requests under an approved request, and returns the issued certificates and optionally
    writes them to a file.
  - The CA issues certificates at once. The API cannot hand out a certificate a second time, so one that is in neither
    the result nor O(dest) is lost.
extends_documentation_fragment:
  - ansible.builtin.files
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It only reads; RV(certificates) is empty if certificates would be issued.
  diff_mode:
    support: full
    details:
      - The diff shows the state and the mode of O(dest), not its content.
  async:
    support: partial
    details:
      - Not with O(return_pfx=true), because the result of an asynchronous task is kept in a file and printed when it is
        collected; such a task fails.
requirements:
  - cryptography >= 39
options:
  request_id:
    description:
      - The id (a GUID) of an Approved or Executing request.
    type: str
    required: true
  csrs:
    description:
      - The certificate requests, each in PEM, or in base64 of its DER form.
      - If neither this nor O(csr_paths) is set, no certificate request is submitted, for profile templates with which
        the server generates the keys. Then O(pfx_dest) or O(return_pfx=true) is required, because the keys would be
        lost otherwise.
    type: list
    elements: str
    default: []
    aliases: [csr, csr_content, certificate_requests]
  csr_paths:
    description:
      - Files with certificate requests in PEM, or in base64, on the host where the task runs.
    type: list
    elements: path
    default: []
    aliases: [csr_path]
  pfx_password:
    description:
      - The password that protects the private keys in the PFX files that the server returns.
    type: str
  comment:
    description:
      - A comment.
    type: str
  dest:
    description:
      - A file for the certificates in PEM, each followed by the CA certificates that issued it, on the host where the
        task runs.
      - If it already holds unexpired certificates for the keys of all certificate requests, nothing is submitted,
        unless the server lists certificates of O(request_id) and none of them is in the file.
      - A symbolic link is replaced, not followed. A FIFO, a socket or a device, a link to one, and a path in C(/dev),
        C(/proc) or C(/sys) is refused before anything is submitted. The same applies to O(pfx_dest).
    type: path
  mode:
    description:
      - The permissions of O(dest), as an octal number in quotes, or symbolic.
    type: raw
    default: "0644"
  pfx_dest:
    description:
      - A file for the PFX that the server returns, with mode 0600, on the host where the task runs. A second PFX gets
        C(-2) before the file's extension, and so on.
      - If it exists and there are no certificate requests, nothing is submitted.
    type: path
  return_pfx:
    description:
      - Whether to return C(pfx). The task's output is then hidden, as with C(no_log=true), but the registered variable
        still contains it.
    type: bool
    default: false
  force:
    description:
      - Whether to submit even if O(dest) or O(pfx_dest) shows that this has been done.
    type: bool
    default: false
notes:
  - If the connection breaks after the certificate requests were sent, they are not sent again. The task fails, and says
    that it is not known whether certificates were issued. A second run submits them again.
  - If the server answers with a certificate for another key than those of the certificate requests, the task fails and
    the certificate is not written, unless the server marks it as one for another key, for example of the key history.
seealso:
  - module: certops.mimcm.mimcm_certificate_request_info
  - module: certops.mimcm.mimcm_certificate_info
  - module: community.crypto.openssl_csr
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Submit a certificate request, and write the certificate with its chain
  certops.mimcm.mimcm_certificate:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    csr_paths: [server.csr]
    dest: server.pem

- name: Retrieve a key that the server generated
  certops.mimcm.mimcm_certificate:
    url: https://cm.contoso.com
    request_id: 0c96d73f-967b-420e-854a-43ad2a1504bc
    pfx_password: "{{ lookup('ansible.builtin.password', '/dev/null', length=24) }}"
    pfx_dest: alice.pfx
"""

RETURN = r"""
certificates:
  description:
    - The issued certificates, one for each entry in the server's answer. There can be more of them than certificate
      requests.
    - If nothing was submitted because of O(dest), the certificates in that file, with null for values that only the
      server could tell.
  returned: success, and failure after something was issued
  type: list
  elements: dict
  contains:
    certificate:
      description: The certificate in PEM; null for a PFX.
      type: str
    chain:
      description: The CA certificates that issued it in PEM, the direct issuer first.
      type: list
      elements: str
    thumbprint:
      description: The SHA-1 digest of the certificate, in hexadecimal.
      type: str
    error:
      description: Why the certificate was not issued; null if it was. Any such error fails the task.
      type: str
    template_common_name:
      description: The name of the certificate template.
      type: str
    certificate_id:
      description: The server's number for the certificate.
      type: int
    pkcs7:
      description: The PKCS#7 structure that holds the certificate and its chain, in base64.
      type: str
    pfx:
      description: The private key with its certificate as PKCS#12, in base64. Only with O(return_pfx=true).
      type: str
    is_pfx:
      description: Whether it is a PFX.
      type: bool
    is_pkcs7:
      description: Whether it is PKCS#7.
      type: bool
    is_key_history:
      description: Whether it belongs to an earlier key.
      type: bool
    is_server_generated:
      description: Whether the server generated the key.
      type: bool
    is_external:
      description: Whether it comes from elsewhere.
      type: bool
    use_local_machine_store:
      description: Whether it is meant for the machine rather than the user, on Windows.
      type: bool
    flags:
      description: An opaque bit mask.
      type: int
  sample:
    - certificate: "-----BEGIN CERTIFICATE-----\n..."
      chain: ["-----BEGIN CERTIFICATE-----\n..."]
      thumbprint: 09B41AC106F0C40168940DF4AB74D6DB39DE55EE
      error: null
      template_common_name: ContosoWebServer
      certificate_id: 0
dest:
  description: The path in O(dest); null if it is not set.
  returned: success
  type: str
  sample: server.pem
pfx_files:
  description: The paths of the files that hold a PFX.
  returned: success
  type: list
  elements: str
  sample: []
request_id:
  description: The request's id, in lower case without braces.
  returned: success
  type: str
  sample: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
mode:
  description:
    - The permissions of O(dest). C(owner), C(group), C(uid), C(gid), C(size) and C(state) are returned with it.
  returned: when O(dest) exists
  type: str
  sample: "0644"
"""

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.certificate.pkcs import (
    CertificateRequest,
    certificate_request,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.certificate.submit import (
    Issued,
    ShownCertificate,
    already_issued,
    from_file,
    submit,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import refuse_line_end
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import existing
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import (
    file_needs_module,
    run_module,
    set_file_attributes,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import (
    FileFacts,
    check_place,
    file_facts,
    octal_mode,
    read_text,
    write_file,
)

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    **FILE_COMMON_ARGUMENTS,
    "request_id": {"type": "str", "required": True},
    "csrs": {
        "type": "list",
        "elements": "str",
        "default": [],
        "aliases": ["csr", "csr_content", "certificate_requests"],
    },
    "csr_paths": {"type": "list", "elements": "path", "default": [], "aliases": ["csr_path"]},
    "pfx_password": {"type": "str", "no_log": True},
    "comment": {"type": "str"},
    "dest": {"type": "path"},
    "mode": {"type": "raw", "default": "0644"},
    "pfx_dest": {"type": "path"},
    "return_pfx": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
}

LIBRARIES = ("cryptography",)
"""The Python libraries that this module needs beside those of every module."""

RETURNS_SECRET = "return_pfx"
"""The option with which the result contains a secret."""

needs_module = file_needs_module
"""Tells the action shell why these options cannot be carried out in its own process, if so."""


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    request_id: str
    csrs: Sequence[str]
    csr_paths: Sequence[str]
    pfx_password: str | None
    comment: str | None
    dest: str | None
    mode: Any
    pfx_dest: str | None
    return_pfx: bool
    force: bool

    @property
    def keeps_pfx(self) -> bool:
        """Whether private keys that the server makes are written to a file or returned."""
        return bool(self.pfx_dest or self.return_pfx)


class Result(Returned, FileFacts):
    """The module's result."""

    request_id: str
    dest: str | None
    pfx_files: list[str]
    certificates: list[ShownCertificate]


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Submit the certificate requests, unless their certificates exist already."""
    options = own_options(Options, params)
    request_id = guid(options.request_id, "request_id")
    refuse_line_end("pfx_password", options.pfx_password)
    csrs = _certificate_requests(options)
    _check_places(options, csrs)
    request = existing(client, request_id)
    result: Result = {"request_id": request_id, "dest": options.dest, "pfx_files": [], "certificates": []}
    if not options.force and _done(client, options, request, csrs):
        return _kept(options, csrs, check_mode, result)
    if request["status"] not in ("Approved", "Executing", None):
        raise UsageError(
            f"Request {request_id} is {request['status']}",
            remedy="certificate requests can be submitted only while it is Approved or Executing",
        )
    result["changed"] = True
    if check_mode:
        return result
    return _issued(options, result, submit(client, request_id, csrs, options.pfx_password or "", options.comment))


def _certificate_requests(options: Options) -> list[CertificateRequest]:
    given = [(text, "csrs") for text in options.csrs]
    given += [(read_text(path, "csr_paths"), f"csr_paths: {path}") for path in options.csr_paths]
    return [certificate_request(text, option) for text, option in given]


def _check_places(options: Options, csrs: Sequence[CertificateRequest]) -> None:
    """Refuse options with which certificates or keys would be lost: the server returns them only once."""
    if not csrs and not options.keeps_pfx:
        raise UsageError(
            "Without certificate requests the server makes the keys, which it returns only once",
            remedy="set pfx_dest or return_pfx to keep them, or set csrs",
        )
    for path, option in ((options.dest, "dest"), (options.pfx_dest, "pfx_dest")):
        if path:
            check_place(path, option)
    for path in _further_places(options.pfx_dest):
        check_place(path, "pfx_dest")


def _further_places(pfx_dest: str | None) -> list[str]:
    """Return what exists already where a second PFX and more would go; how many the server returns is not known yet."""
    stem, extension = (glob.escape(part) for part in os.path.splitext(pfx_dest or ""))
    return glob.glob(f"{stem}-[0-9]*{extension}") if pfx_dest else []


def _done(client: Client, options: Options, request: Request, csrs: Sequence[CertificateRequest]) -> bool:
    if not csrs:
        return bool(options.pfx_dest) and os.path.exists(options.pfx_dest or "")
    if not options.dest or not os.path.exists(options.dest):
        return False
    return already_issued(client, request, csrs, read_text(options.dest, "dest"))


def _kept(options: Options, csrs: Sequence[CertificateRequest], check_mode: bool, result: Result) -> Result:
    """Return the certificates that the file contains already, and set its permissions."""
    if csrs and options.dest:
        pem = read_text(options.dest, "dest")
        change = write_file(options.dest, pem, octal_mode(options.mode), check_mode)
        result["certificates"] = from_file(pem, csrs)
        result["changed"], result["diff"] = change.changed, change.diff
    return _with_facts(options, result)


def _issued(options: Options, result: Result, issued: Sequence[Issued]) -> Result:
    """Write the issued certificates, and return them.

    Raises:
        MimcmError: A certificate was not issued, or a file could not be written; the others are in the error's details.
    """
    result["certificates"] = [item.shown(options.return_pfx) for item in issued]
    try:
        _write(options, result, issued)
    except MimcmError as error:
        told = error.replaced(addition="but the certificates were issued", remedy="take them from the task's result")
        raise told.with_details(_without_keys(result)) from None
    errors = [item.answer["error"] for item in issued if item.answer["error"]]
    if errors:
        raise MimcmError(
            f"{len(errors)} of {len(issued)} certificates of request {result['request_id']} were not issued",
            reason="; ".join(errors),
            remedy="the others are in the task's result" if len(errors) < len(issued) else None,
        ).with_details(_without_keys(result))
    lost = 0 if options.keeps_pfx else sum(item.pfx is not None for item in issued)
    if lost:
        result["warnings"] = [
            f"The server also returned {lost} PFX files, which are lost without pfx_dest or return_pfx."
        ]
    return _with_facts(options, result)


def _write(options: Options, result: Result, issued: Sequence[Issued]) -> None:
    """Write the issued certificates, the private keys first, because those cannot be fetched again."""
    if options.pfx_dest:
        stem, extension = os.path.splitext(options.pfx_dest)
        for number, content in enumerate((item.pfx for item in issued if item.pfx), start=1):
            path = options.pfx_dest if number == 1 else f"{stem}-{number}{extension}"
            write_file(path, content, 0o600, check_mode=False)
            result["pfx_files"].append(path)
    pem = "".join(item.chain.pem for item in issued if item.chain)
    if options.dest and pem:
        result["diff"] = write_file(options.dest, pem, octal_mode(options.mode), check_mode=False).diff


def _without_keys(result: Result) -> Result:
    """Return a result without private keys for a failed task, whose result is shown."""
    shown: list[ShownCertificate] = [{**certificate, "pfx": None} for certificate in result["certificates"]]
    return {**result, "certificates": shown}


def _with_facts(options: Options, result: Result) -> Result:
    return {**result, **file_facts(options.dest)} if options.dest else result


def main() -> None:
    run_module(ARGUMENT_SPEC, run, finish=set_file_attributes, secret=RETURNS_SECRET)


if __name__ == "__main__":
    main()
