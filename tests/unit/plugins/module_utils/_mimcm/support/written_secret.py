# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret, and the ways in which a server may repeat it."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

SECRET = "t&k'5e\"cret\\x/+=<{}>%7E"

WRITTEN = {
    "as it is": SECRET,
    "as JSON": json.dumps(SECRET),
    "in an address": quote(SECRET, safe=""),
    "in an address, with slashes": quote(SECRET),
    "in a form": quote_plus(SECRET),
    "in lower case": quote(SECRET, safe="").lower(),
    "as HTML": html.escape(SECRET),
    "in Python": repr(SECRET),
    "in hexadecimal": SECRET.encode().hex().upper(),
    "in base64": base64.b64encode(SECRET.encode()).decode(),
    "in base64, after one letter": base64.b64encode(b"a" + SECRET.encode() + b"b").decode(),
    "in base64, after two letters": base64.b64encode(b"aa" + SECRET.encode()).decode(),
    "cut off": SECRET[:9] + "...",
    "wrapped": SECRET[:7] + "\n   " + SECRET[7:],
    "its end": SECRET[-8:],
    "each letter as a percent code": "".join(f"%{ord(letter):02x}" for letter in SECRET),
    "each letter as a percent code, twice": "".join(f"%25{ord(letter):02X}" for letter in SECRET),
    "each letter as a decimal entity": "".join(f"&#{ord(letter)};" for letter in SECRET),
    "each letter as a hexadecimal entity": "".join(f"&#x{ord(letter):x};" for letter in SECRET),
    "each letter escaped as in JSON": "".join(f"\\u{ord(letter):04x}" for letter in SECRET),
    "each letter escaped as in JavaScript": "".join(f"\\x{ord(letter):02x}" for letter in SECRET),
    "each letter as quoted-printable": "".join(f"={ord(letter):02X}" for letter in SECRET),
    "some letters as entities in percent codes": quote("".join(f"&#{ord(letter)};" for letter in SECRET)),
}
