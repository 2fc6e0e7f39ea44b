#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu
# The shell lines of the documented pipelines are run as they stand, with the documented file; nothing but the server's
# address is changed.
setting() {
    python -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))[sys.argv[2]])' ../../integration_config.yml "$1"
}
MIMCM_URL="$(setting mimcm_test_url)"
# ansible-test runs targets in a copy that has nothing but tests/integration.
examples="$(setting mimcm_test_simulator)/../../docs/examples/gitops"
export MIMCM_URL MIMCM_AUTH_METHOD=none
here="${PWD}"
folder="$(mktemp -d)"
trap 'rm -rf "${folder}"' EXIT
export GITHUB_STEP_SUMMARY="${folder}/summary.md" GITHUB_OUTPUT="${folder}/output"
python lines.py "${examples}" "${folder}"
control() {
    python "${here}/control.py" "${MIMCM_URL}" "$@"
}

# Runs the lines of a job as its CI system would, and sees how it ends.
job() {
    local expected="$2" status=0
    echo "=== $1"
    bash -e "${folder}/$1.sh" > "${folder}/screen.txt" 2>&1 || status=$?
    cat "${folder}/screen.txt"
    test "${status}" -eq "${expected}" || { echo "$1 ended with ${status}" >&2; exit 1; }
}
screen() {
    grep -q -- "$1" "${folder}/screen.txt" || { echo "There is no '$1'" >&2; exit 1; }
}
has() {
    grep -q -- "$2" "$1" || { cat "$1"; echo "There is no '$2' in $1" >&2; exit 1; }
}

mkdir "${folder}/work"
cd "${folder}/work"
cp "${examples}/people.yml" .
control reset

job gitlab-plan 0
screen "create: bruno (FIM CM Sample Profile Template)"
has mimcm-gate/plan.md "3 would be created"
test "$(control posts)" -eq 0
job gitlab-apply 0
has mimcm-gate/apply.json '"create": 3'
test "$(control posts)" -eq 3
job gitlab-gate 75
has mimcm-gate/gate.json '"verdict": "waiting"'

# The same commit again.
job github-plan 0
has mimcm-gate/plan.md "Nothing would change. Already requested: 3 open"
job github-apply 0
screen "changed=0"
test "$(control posts)" -eq 3
job github-gate 0
screen "changed=0"
has "${GITHUB_STEP_SUMMARY}" "## Still waiting"
has "${GITHUB_OUTPUT}" "exit-code=75"

# One of three is denied: asking again is a change of the file.
control answer Denied "/12bd5120"
job gitlab-gate 1
has mimcm-gate/gate.md "set generation: 2 for bruno to request everything again"
control answer Approved
sed -i 's/comment: Second office/generation: 2/' people.yml
job azure-plan 0
has mimcm-gate/plan.md "1 would be created. Already requested: 2 open"
job azure-apply 0
control answer Approved
job azure-gate 0
screen "##vso\[task.setvariable variable=code;isOutput=true\]0"
has mimcm-gate/gate.json '"verdict": "reached"'

# Bruno is gone: reported, and revoked only where that was asked for.
sed -i '/name: bruno/,$d' people.yml
posts="$(control posts)"
job gitlab-apply 0
screen "changed=0"
has mimcm-gate/apply.md "### Removed"
has mimcm-gate/apply.json '"action": "report"'
echo "gitops_removed: revoke" >> people.yml
job gitlab-apply 0
has mimcm-gate/apply.json '"cancel": 2'
test "$(control posts)" -eq "${posts}"

# How a data collection is sent can be chosen.
sed '/gitops_people/,$d' people.yml > forms.yml
cat >> forms.yml << 'END'
gitops_people:
  - name: chiara
    target: aaaaaaaa-0000-4000-8000-000000000009
    templates: [FIM CM Sample Profile Template]
    data_collection: {Department: Finance}
END
sed 's/@people.yml/@forms.yml/' "${folder}/gitlab-apply.sh" > "${folder}/list-apply.sh"
sed 's/@people.yml/@forms.yml -e gitops_data_collection_format=string/' "${folder}/gitlab-apply.sh" \
    > "${folder}/string-apply.sh"
sed -i 's/^gitops_scope: .*/gitops_scope: list/' forms.yml
job list-apply 0
control collections | grep -qF ', [{"Department": "Finance"}]]'
control answer Denied "[mimcm:list/"
sed -i 's/^gitops_scope: .*/gitops_scope: string/' forms.yml
job string-apply 0
control collections | grep -qF ', "[{\"Department\": \"Finance\"}]"]'
control answer Denied "[mimcm:string/"

# A file whose people cannot be found opens no gate, and leaves nothing of an earlier run.
sed 's/gitops_people/gitops_peopel/' people.yml > typo.yml
sed 's/@people.yml/@typo.yml/' "${folder}/gitlab-gate.sh" > "${folder}/typo-gate.sh"
sed 's/@people.yml/@typo.yml/' "${folder}/gitlab-apply.sh" > "${folder}/typo-apply.sh"
job typo-gate 2
screen "no people to request for; check the desired-state file"
test ! -e mimcm-gate/exit-code
job typo-apply 2
screen "gitops_people or gitops_scope is not set"
test ! -e mimcm-gate/apply.json
job gitlab-apply 0

# What is no file is not replaced, and nothing waits for it; the other file is none of an earlier run.
rm mimcm-gate/apply.md
mkfifo mimcm-gate/apply.md
job gitlab-apply 2
screen "apply.md is not a regular file; remove it, or set gitops_folder"
test -p mimcm-gate/apply.md
test ! -e mimcm-gate/apply.json
rm mimcm-gate/apply.md
job gitlab-apply 0
job gitlab-gate 0

# No answer is no old answer.
test -e mimcm-gate/exit-code
export MIMCM_URL=http://127.0.0.1:1 MIMCM_RETRIES=0
sed -i 's/-e @people.yml/-e request_gate_plan_file=mimcm-gate\/apply.json/' "${folder}/gitlab-gate.sh"
job gitlab-gate 2
screen "Could not reach .*connection refused"
test ! -e mimcm-gate/exit-code
test ! -e mimcm-gate/gate.json
