#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu
# The documented playbook and policy are run as they stand; nothing but the server's address is changed.
setting() {
    python -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))[sys.argv[2]])' ../../integration_config.yml "$1"
}
url="$(setting mimcm_test_url)"
# ansible-test runs targets in a copy that has nothing but tests/integration.
simulator="$(setting mimcm_test_simulator)"
python scenario.py "${url}" "${simulator}/scenarios/audit.yml"
export MIMCM_AUTH_METHOD=none
folder="$(mktemp -d)"
trap 'rm -rf "${folder}"' EXIT
for name in compliance.yml policy.yml; do
    python block.py "${simulator}/../../docs/compliance.md" "${name}" | sed "s#https://cm.contoso.com#${url}#" > "${folder}/${name}"
done
cd "${folder}"

# Runs a check, and sees how it ends.
check() {
    local expected="$1" status=0
    shift
    ansible-playbook compliance.yml "$@" > screen.txt 2>&1 || status=$?
    cat screen.txt
    test "${status}" -eq "${expected}" || { echo "It ended with ${status}" >&2; exit 1; }
}
screen() {
    grep -q -- "$1" screen.txt || { echo "There is no '$1'" >&2; exit 1; }
}
files() {
    find mimcm-compliance -type f -printf '%p %m %T@ ' -exec sha256sum {} \; | sort
}

check 0 --check
test ! -e mimcm-compliance
check 0
screen "changed=1"
test "$(find mimcm-compliance -type f | wc -l)" -eq 5
grep -q "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a2011" mimcm-compliance/report.html
files > before.txt

# Nothing but the time is different.
check 0
screen "changed=0"
files | diff before.txt -
check 0 --check --diff
files | diff before.txt -

# Another policy; what is severe fails the play, and the page is there all the same.
check 2 -e @policy.yml -e compliance_report_fail_on=high
screen "pending-too-long for request 5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a2011"
grep -q "certificate template ContosoSmartcardLogonOld" mimcm-compliance/report.html

# What is accepted does not.
cp mimcm-compliance/report.json mimcm-baseline.json
check 0 -e @policy.yml -e compliance_report_baseline=mimcm-baseline.json -e compliance_report_fail_on=low
screen "changed=0"

# A check that cannot be made writes nothing.
files > before.txt
check 2 -e mimcm_url=http://127.0.0.1:1 -e mimcm_retries=0
screen "connection refused"
files | diff before.txt -
