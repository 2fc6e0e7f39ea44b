# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Give the reference server the world of a scenario: URL SCENARIO."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path

import yaml


def main() -> None:
    url, path = sys.argv[1:]
    scenario = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    call = urllib.request.Request(f"{url}/_control/scenario", json.dumps(scenario).encode(), method="PUT")
    urllib.request.urlopen(call, timeout=10).close()


if __name__ == "__main__":
    main()
