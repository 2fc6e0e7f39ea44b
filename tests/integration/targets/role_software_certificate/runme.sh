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

# The play is killed when one of these has ended on the first host; after all of them it must come to the same end.
steps=(
    "Submit the certificate request"
    "Keep the certificate"
    "Complete the request"
)

for step in "${steps[@]}"; do
    echo "=== Interrupt after: ${step}"
    status=0
    INTERRUPT_AFTER="${step}" ANSIBLE_CALLBACKS_ENABLED=interrupt \
        ansible-playbook "${common[@]}" prepare.yml certify.yml || status=$?
    test "${status}" -eq 137
    ansible-playbook "${common[@]}" certify.yml verify.yml
done

# Within the validity there is nothing to do.
ansible-playbook "${common[@]}" certify.yml | tee "${OUTPUT_DIR}/again.txt"
test "$(grep -c 'changed=0' "${OUTPUT_DIR}/again.txt")" -eq 2
ansible-playbook "${common[@]}" certify.yml --check --diff

# Near its end a certificate is renewed, with a new key.
before="$(openssl x509 -noout -pubkey -in "${OUTPUT_DIR}/ssl/www.contoso.com.pem")"
ansible-playbook "${common[@]}" certify.yml -e software_certificate_renew_before=400d --limit www.contoso.com
after="$(openssl x509 -noout -pubkey -in "${OUTPUT_DIR}/ssl/www.contoso.com.pem")"
test "${before}" != "${after}"

# Check mode predicts and changes nothing, when everything would have to be done.
ansible-playbook "${common[@]}" prepare.yml
ansible-playbook "${common[@]}" certify.yml --check --diff
test ! -e "${OUTPUT_DIR}/ssl"

ansible-playbook "${common[@]}" names.yml
