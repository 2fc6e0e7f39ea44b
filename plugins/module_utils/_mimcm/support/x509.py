# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""X.509 certificates in a way that works with old and new releases of the library cryptography. No I/O."""

from __future__ import annotations

import datetime
from typing import Any


def end_of_validity(certificate: Any) -> datetime.datetime:
    """Return the end of an X.509 certificate's validity, with its time zone.

    Args:
        certificate: A certificate of the library cryptography, which returns times with a zone since release 42.
    """
    found: datetime.datetime = getattr(certificate, "not_valid_after_utc", None) or certificate.not_valid_after.replace(
        tzinfo=datetime.timezone.utc
    )
    return found
