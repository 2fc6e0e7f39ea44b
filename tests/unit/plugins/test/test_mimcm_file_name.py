# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test mimcm_file_name: what leads out of a folder, or to a file that hides, is no name of a file."""

from __future__ import annotations

import pytest

from ansible_collections.certops.mimcm.plugins.test.mimcm_file_name import TestModule as Plugin

OUT = ["../../x", "/etc/x", "a/b", "..", ".", "", ".hidden", "a\0b", "a\nb", "\x1b[2Jx", "$HOME", "a${X}", "x" * 201]
WITHIN = [
    "alice",
    "www.contoso.com",
    "*.contoso.com",
    "a..b",
    "Jürgen Groß",
    "10.0.0.1",
    "fe80::1",
    "a\\b",
    "~x",
    "x" * 200,
]


@pytest.mark.parametrize("name", OUT)
def test_what_is_no_name_of_a_file(name: str) -> None:
    assert not Plugin().tests()["mimcm_file_name"](name)


@pytest.mark.parametrize("name", WITHIN)
def test_what_is_the_name_of_a_file(name: str) -> None:
    assert Plugin().tests()["mimcm_file_name"](name)
