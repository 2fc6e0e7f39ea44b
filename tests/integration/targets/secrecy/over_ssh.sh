#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
# A PIN over a real ssh connection to this host, with a server of its own that ends with this script.
folder="$(mktemp -d)"
trap 'kill "$(cat "${folder}/pid")"; rm -rf "${folder}"' EXIT
port="$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
for key in host user; do
    ssh-keygen -q -t ed25519 -N "" -f "${folder}/${key}"
done
# sshd wants this folder of its own, which its package makes only when it is started as a service.
mkdir -p /run/sshd
"$(PATH="${PATH}:/usr/sbin" command -v sshd)" -f /dev/null -h "${folder}/host" -o "Port=${port}" -o ListenAddress=127.0.0.1 \
    -o "AuthorizedKeysFile=${folder}/user.pub" -o StrictModes=no -o PermitRootLogin=yes -o "PidFile=${folder}/pid"
for _attempt in $(seq 300); do
    test -s "${folder}/pid" && break
    sleep 0.2
done

ansible-playbook "$@" -vvvvv --diff play.yml \
    -e ansible_connection=ssh -e ansible_host=127.0.0.1 -e "ansible_port=${port}" \
    -e "ansible_ssh_private_key_file=${folder}/user" \
    -e "ansible_ssh_common_args='-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ControlMaster=no'"
