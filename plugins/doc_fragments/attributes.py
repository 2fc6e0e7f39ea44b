# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module of the collection has in common, and the requirements."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
requirements:
  - requests >= 2.28, with urllib3 >= 1.26.12
  - pyspnego >= 0.10.2 for O(auth_method=negotiate), O(auth_method=kerberos) and O(auth_method=ntlm); with the extra
    C(kerberos) for Kerberos
attributes:
  action:
    description: Runs in the controller's own process if the task would run on the controller anyway.
    support: full
    details:
      - The code runs in the controller's process if the connection is local, the task does not become another user, has
        no C(async) and no C(environment), does not use another Python, and the libraries are installed there. That is
        much faster, and no file with the arguments is written.
      - Otherwise, it runs as an ordinary module, with the same results.
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description: Will return details on what has changed (or needs changing in C(check_mode)), when in diff mode.
  async:
    description: Supports being used with the C(async) keyword.
  platform:
    description: Target operating systems that can be operated against.
    support: full
    platforms: posix
"""

    ACTIONGROUP_MIMCM = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/certops.mimcm.mimcm) in C(module_defaults) to set the common options once.
    support: full
    membership:
      - certops.mimcm.mimcm
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - It only reads.
  diff_mode:
    support: none
    details:
      - It changes nothing.
  async:
    support: full
"""
