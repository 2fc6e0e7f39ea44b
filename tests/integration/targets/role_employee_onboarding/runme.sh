#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu
export ANSIBLE_ROLES_PATH=..
export ANSIBLE_CALLBACK_PLUGINS="${PWD}/../setup_mimcm/callbacks"
: "${OUTPUT_DIR:=$(mktemp -d)}"
export OUTPUT_DIR
common=(-e @../../integration_config.yml -i inventory.yml "$@")

# Every task that does something; the play is killed when it has ended on the first host.
steps=(
    "Request the enrolment"
    "Wait for the requests of all hosts in one poll loop"
    "Bind the card"
    "Fetch the PIN"
    "Write the PIN into a file that only its owner can read"
    "Complete the request"
)

for step in "${steps[@]}"; do
    echo "=== Interrupt after: ${step}"
    status=0
    INTERRUPT_AFTER="${step}" ANSIBLE_CALLBACKS_ENABLED=interrupt \
        ansible-playbook "${common[@]}" prepare.yml onboard.yml || status=$?
    test "${status}" -eq 137
    ansible-playbook "${common[@]}" onboard.yml verify.yml
done

# Once more, without anything to do.
ansible-playbook "${common[@]}" onboard.yml | tee "${OUTPUT_DIR}/again.txt"
test "$(grep -c 'changed=0' "${OUTPUT_DIR}/again.txt")" -eq 2
ansible-playbook "${common[@]}" onboard.yml --check --diff

# Nothing but reading in check mode, when everything would have to be done.
ansible-playbook "${common[@]}" prepare.yml
ansible-playbook "${common[@]}" onboard.yml --check --diff
ansible-playbook "${common[@]}" only_read.yml

ansible-playbook "${common[@]}" rejected.yml
ansible-playbook "${common[@]}" places.yml
