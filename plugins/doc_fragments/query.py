# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the option that reduces a list to what an expression finds in it."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragment certops.mimcm.query."""

    DOCUMENTATION = r"""
options:
  query:
    description:
      - A L(JMESPath,https://jmespath.org) expression over the list that would be returned without it.
      - Its result is returned in RV(query_result), and the list itself is left empty, so that a registered variable
        stays small.
    type: str
requirements:
  - jmespath >= 1.0 for O(query)
"""
