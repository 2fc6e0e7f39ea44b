# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which integration targets there are."""

from __future__ import annotations

from pathlib import Path

# Here time-outs and waiting are tested on a real clock: not in parallel with others.
TIMED = ["mimcm_request_wait", "role_request_wait"]
# One ansible-core is enough for the documentation's examples, and for the long search for secrets: the short one, in
# the target secrecy, is made on both.
LONG = ["examples", "no_leak"]
# Those that show, in both shells, what the lowest versions of the libraries have to be able to do.
FEW = ["lookup_mimcm_request", "mimcm_certificate", "mimcm_request", "mimcm_request_info", "mimcm_smartcard_pin"]


def of(collection: Path) -> set[str]:
    """The integration targets of a tree but those that only others use."""
    folders = [folder for folder in (collection / "tests/integration/targets").glob("*") if folder.is_dir()]
    aliases = {folder.name: folder / "aliases" for folder in folders}
    words = {name: file.read_text().split() if file.exists() else [] for name, file in aliases.items()}
    return {name for name in words if not name.startswith(("setup_", "prepare_")) and "hidden" not in words[name]}


def untimed(collection: Path, long: bool) -> list[str]:
    """The targets that can run beside others; whether those that take long are among them."""
    return sorted(of(collection) - {*TIMED, *(() if long else LONG)})
