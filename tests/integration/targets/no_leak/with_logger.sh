#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu
# Runs a command with a /dev of its own in which /dev/log leads to a file: modules log their arguments there.
# Usage: unshare -m ./with_logger.sh FILE COMMAND ...
file="$1"
shift
devices="$(mktemp -d)"
mount -t tmpfs -o mode=755 none "${devices}"
for name in null zero full random urandom tty; do
    test -e "/dev/${name}" || continue
    touch "${devices}/${name}"
    mount --bind "/dev/${name}" "${devices}/${name}"
done
for name in shm pts; do
    test -d "/dev/${name}" || continue
    mkdir "${devices}/${name}"
    mount --rbind "/dev/${name}" "${devices}/${name}"
done
ln -s pts/ptmx "${devices}/ptmx"
for name in fd stdin stdout stderr; do
    ln -s "$(readlink "/dev/${name}")" "${devices}/${name}"
done
mount --rbind "${devices}" /dev
touch "${file}"
python logger.py /dev/log "${file}" < /dev/null &
logger=$!
trap 'kill "${logger}"; umount -l /dev "${devices}"; rmdir "${devices}"' EXIT
for _attempt in $(seq 300); do
    test -S /dev/log && break
    sleep 0.2
done
"$@"
