#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eux
# Each reason to run as a module is seen in the output of -vvv, and nothing else leaves the controller's process.
export ANSIBLE_PYTHON_INTERPRETER=auto
# The job's file and the place where it is looked for go different ways where HOME is not the account's own.
ANSIBLE_ASYNC_DIR="$(mktemp -d)"
export ANSIBLE_ASYNC_DIR
trap 'rm -rf "${ANSIBLE_ASYNC_DIR}"' EXIT
common=(-e @../../integration_config.yml -i inventory.yml "$@")

ansible-playbook "${common[@]}" -vvv here.yml | tee here.log
if grep "runs as a module" here.log; then
    echo "A task left the controller's process without need" >&2
    exit 1
fi

ansible-playbook "${common[@]}" -vvv there.yml | tee there.log
for reason in \
    "the task has an environment of its own" \
    "the task is asynchronous" \
    "another Python interpreter is set" \
    "only Ansible's module code understands a symbolic mode"; do
    grep "runs as a module, because ${reason}" there.log
done
