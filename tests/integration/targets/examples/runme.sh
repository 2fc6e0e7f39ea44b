#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
# The examples of the documentation are run as they stand; nothing but the server's address is changed.
export ANSIBLE_ROLES_PATH=.. MIMCM_AUTH_METHOD=none
HOME="$(mktemp -d)"
export HOME

# Examples write into the folder that they are run in, and call a tool for cards that only its vendor has.
folder="$(mktemp -d)"
trap 'rm -rf "${HOME}" "${folder}"' EXIT
printf '#!/bin/sh\ntest "$#" -eq 2\n' > "${folder}/card-tool"
chmod +x "${folder}/card-tool"
export PATH="${folder}:${PATH}"
openssl req -new -newkey rsa:2048 -nodes -keyout "${folder}/www.key" -out "${folder}/server.csr" -subj /CN=www.contoso.com

here="${PWD}"
plugins() {
    ansible-doc --list --json -t "$1" certops.mimcm | python -c 'import json, sys; print(*json.load(sys.stdin))'
}
# Every plugin that the collection has.
for plugin in $(plugins module | sed 's/[^ ]*/module:&/g') $(plugins lookup | sed 's/[^ ]*/lookup:&/g'); do
    kind="${plugin%%:*}" plugin="${plugin##*.}"
    ansible-doc --json -t "${kind}" "certops.mimcm.${plugin}" \
        | python playbook.py ../../integration_config.yml > "${folder}/${plugin}.yml"
    ansible-playbook -e @../../integration_config.yml -e "plugin=${plugin}" prepare.yml "$@"
    cd "${folder}"
    # Examples that sign in at AD FS do it with the ticket of whoever runs them; here with a password instead.
    MIMCM_USERNAME='CONTOSO\automation' MIMCM_PASSWORD=made-up-password MIMCM_ALLOW_HTTP_CREDENTIALS=true \
        ansible-playbook -e request_id=a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099 "${plugin}.yml" "$@"
    cd "${here}"
done

# They did what they say.
test "$(cat "${HOME}/card.pin")" = 0042
grep -q "the PIN 0042" "${HOME}/letter.txt"
grep -q "BEGIN CERTIFICATE" "${folder}/server.pem"
test "$(stat -c %a "${folder}/alice.pfx")" = 600
