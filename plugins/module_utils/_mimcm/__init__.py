# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The private code of the collection. On a host whose Python is too old for it, a module ends with one sentence."""

from __future__ import annotations

import json
import sys

_FOUND = ".".join(map(str, sys.version_info[:3]))
TOO_OLD = (
    "The collection certops.mimcm needs Python 3.10 or later where its tasks run, and {interpreter} is Python "
    "{version}; set ansible_python_interpreter to a later one, or delegate the task to a host that has one."
)

if sys.version_info < (3, 10):  # noqa: UP036
    # Nothing else of the package can be imported there. This is what a module prints when it fails.
    print(json.dumps({"failed": True, "msg": TOO_OLD.format(interpreter=sys.executable, version=_FOUND)}))
    sys.exit(1)
