# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaces get-pip in ansible-test's cache, so ansible-test needs no host but the package index.

ansible-test calls it with the arguments of get-pip: requirements for pip itself, and options of pip.
"""

from __future__ import annotations

import subprocess
import sys

# Options that get-pip knows and pip does not.
ONLY_GET_PIP = {"--no-setuptools", "--no-wheel"}

subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True)
arguments = [argument for argument in sys.argv[1:] if argument not in ONLY_GET_PIP]
raise SystemExit(subprocess.run([sys.executable, "-m", "pip", "install", *arguments], check=False).returncode)
