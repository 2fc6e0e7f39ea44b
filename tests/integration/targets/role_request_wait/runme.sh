#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
export ANSIBLE_ROLES_PATH=..
common=(-e @../../integration_config.yml -i inventory.yml "$@")

# Three of the hosts fail on purpose, which ends the playbook with 2; so does a task before the assertions.
status=0
ansible-playbook "${common[@]}" play.yml > play.log || status=$?
cat play.log
test "${status}" -eq 2
grep -q 'All assertions passed' play.log

ansible-playbook "${common[@]}" check.yml --check
