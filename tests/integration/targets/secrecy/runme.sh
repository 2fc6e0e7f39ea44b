#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
export ANSIBLE_ROLES_PATH=..
# Everything that a run writes, to the screen, the log, and files, is searched for the secrets.
common=(-e @../../integration_config.yml -i inventory.yml)
pin=00736214985
token=tok-5ecret-5ecret-5ecret

ansible-playbook "${common[@]}" prepare.yml > /dev/null
export ANSIBLE_LOG_PATH="${PWD}/ansible.log"
# Temporary files of this run alone, so that the search finds what this run leaves behind.
scratch="$(mktemp -d)"
trap 'rm -rf "${scratch}"' EXIT
export ANSIBLE_REMOTE_TMP="${scratch}/remote" ANSIBLE_LOCAL_TEMP="${scratch}/local"
export ANSIBLE_CALLBACKS_ENABLED=ansible.builtin.junit,ansible.builtin.tree
export JUNIT_OUTPUT_DIR="${scratch}/junit" ANSIBLE_CALLBACK_TREE_DIR="${scratch}/tree"
while read -r callback format options; do
    export ANSIBLE_STDOUT_CALLBACK="${callback}" ANSIBLE_CALLBACK_RESULT_FORMAT="${format}"
    # shellcheck disable=SC2086
    ansible-playbook "${common[@]}" --diff ${options} play.yml < /dev/null >> screen.log 2>&1 ||
        { tail -50 screen.log; exit 1; }
done <<'RUNS'
default yaml -vvvvvv
minimal json -v
RUNS

# Over ssh a module's whole output passes through Ansible's hands.
if PATH="${PATH}:/usr/sbin" command -v sshd && command -v ssh-keygen && [ "$(id -u)" -eq 0 ]; then
    ./over_ssh.sh "${common[@]}" >> screen.log 2>&1 || { tail -50 screen.log; exit 1; }
else
    echo "SKIPPED: what is shown over ssh was not searched, for want of sshd or of root" >&2
fi

# The search itself is tested first: what is not secret is found.
grep -q mimcm_smartcard_pin screen.log
grep -q mimcm_smartcard_pin ansible.log
grep -rq "In a loop" "${scratch}/junit"
for secret in "${pin}" "$(printf %s "${pin}" | base64)" "${token}" "$(printf %s "${token}" | base64)"; do
    if grep -rn -- "${secret}" screen.log ansible.log "${scratch}"; then
        echo "A secret was written" >&2
        exit 1
    fi
done
# What the play got to know: keys and answers in each spelling, and each line of the private keys.
sort -u secrets/* | grep . > secrets.txt
test "$(wc -l < secrets.txt)" -gt 20
if grep -rnF -f secrets.txt screen.log ansible.log "${scratch}"; then
    echo "A secret was written" >&2
    exit 1
fi
rm -rf secrets secrets.txt
