#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
# The examples of the documentation are run as they stand; nothing but the server's address is changed.
export ANSIBLE_ROLES_PATH=.. MIMCM_AUTH_METHOD=none
HOME="$(mktemp -d)"
export HOME
trap 'rm -rf "${HOME}"' EXIT

ansible-playbook -e @../../integration_config.yml prepare.yml "$@"
for plugin in \
    module:mimcm_request_info module:mimcm_request_wait module:mimcm_smartcard_pin \
    lookup:mimcm_request lookup:mimcm_smartcard_pin; do
    kind="${plugin%%:*}" name="certops.mimcm.${plugin##*:}"
    ansible-doc --json -t "${kind}" "${name}" | python playbook.py ../../integration_config.yml > "${kind}.yml"
    ansible-playbook "${kind}.yml" "$@"
done

# They did what they say.
test "$(cat "${HOME}/card.pin")" = 0042
grep -q "the PIN 0042" "${HOME}/letter.txt"
