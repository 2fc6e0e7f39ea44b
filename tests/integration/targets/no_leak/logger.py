# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Be the system's logger: write what comes in at a socket into a file. Usage: SOCKET FILE."""

from __future__ import annotations

import socket
import sys


def main() -> None:
    """Listen until the process is ended."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener, open(sys.argv[2], "ab", buffering=0) as file:
        listener.bind(sys.argv[1])
        while True:
            file.write(listener.recv(1 << 20) + b"\n")


if __name__ == "__main__":
    main()
