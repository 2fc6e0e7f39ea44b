#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

set -eu
# Every module, lookup and role with planted secrets; then everything that was written is searched for them in every
# form. What may hold them is in one folder, and what is searched in another.
hidden="$(mktemp -d)"
searched="$(mktemp -d)"
trap 'jobs -p | xargs kill 2> /dev/null || true; rm -rf "${hidden}" "${searched}"' EXIT
mkdir "${hidden}/kept"

export PYTHONDONTWRITEBYTECODE=1
export ANSIBLE_ROLES_PATH=..
url="$(python -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))["mimcm_test_url"])' ../../integration_config.yml)"
python search.py plan "${hidden}"
python search.py selftest "${hidden}"
python server.py "${url}" "${hidden}" > "${hidden}/server.txt" 2>&1 < /dev/null &
for _attempt in $(seq 300); do
    test -s "${hidden}/port" && break
    sleep 0.2
done

common=(-e @../../integration_config.yml -e "@${hidden}/variables.json" -e "no_leak_hidden=${hidden}"
    -e "no_leak_url=http://127.0.0.1:$(cat "${hidden}/port")" -i inventory.yml)
ansible-playbook "${common[@]}" prepare.yml > "${hidden}/prepare.txt" 2>&1 || { tail -20 "${hidden}/prepare.txt"; exit 1; }

# Runs ansible-playbook with a name of its own for all that it writes.
play() {
    local name="$1"
    shift
    mkdir -p "${searched}/${name}/home"
    env HOME="${searched}/${name}/home" \
        ANSIBLE_REMOTE_TMP="${searched}/${name}/remote" ANSIBLE_LOCAL_TEMP="${searched}/${name}/local" \
        ANSIBLE_ASYNC_DIR="${searched}/${name}/async" ANSIBLE_LOG_PATH="${searched}/${name}/ansible.log" \
        ANSIBLE_RETRY_FILES_ENABLED=true ANSIBLE_RETRY_FILES_SAVE_PATH="${searched}/${name}/retry" \
        ANSIBLE_CACHE_PLUGIN=jsonfile ANSIBLE_CACHE_PLUGIN_CONNECTION="${searched}/${name}/facts" \
        ANSIBLE_CALLBACKS_ENABLED=ansible.builtin.junit,ansible.builtin.tree \
        JUNIT_OUTPUT_DIR="${searched}/${name}/junit" ANSIBLE_CALLBACK_TREE_DIR="${searched}/${name}/tree" \
        "${before[@]}" ansible-playbook "${common[@]}" -e "no_leak_run=${name}" --diff "$@" \
        < /dev/null > "${searched}/${name}/screen.txt" 2>&1
}

# What a run prints goes to the screen when it fails, because the target is of no use then; it holds no real secret.
ends() {
    wait "$2" || { echo "The run $1 failed"; grep -aE -B2 -A5 '^(fatal|failed|ERROR)' "${searched}/$1/screen.txt" | grep -av ignoring | tail -40 | cut -c1-400; exit 1; }
}

# In the controller's process, at the highest verbosity, in YAML.
before=()
ANSIBLE_CALLBACK_RESULT_FORMAT=yaml play inside -vvvvv play.yml -e '{"no_leak_shell": {}, "no_leak_many": 99}' &
inside=$!
# As ordinary modules, whose programs are left behind, and whose log is caught where a /dev of its own can be had.
before=()
syslog=()
if unshare -m mount -t tmpfs none "${hidden}/kept" 2> /dev/null; then
    before=(unshare -m ./with_logger.sh "${searched}/syslog.txt")
    syslog=(syslog="${searched}/syslog.txt")
else
    echo "SKIPPED: what modules write to syslog was not searched, for want of root with a mount namespace" >&2
fi
ANSIBLE_KEEP_REMOTE_FILES=1 ANSIBLE_CALLBACK_RESULT_FORMAT=json \
    play outside -vvvvv play.yml -e '{"no_leak_shell": {"MIMCM_TEST_SHELL": "module"}, "no_leak_many": 2}' &
outside=$!

# The roles, and the other callbacks, a short run each.
before=()
ANSIBLE_CALLBACK_RESULT_FORMAT=json play roles -vvvvv roles.yml || test "$?" -eq 2
while read -r callback options; do
    python -c 'import importlib, sys; importlib.import_module("ansible_collections." + sys.argv[1])' \
        "${callback%.*}.plugins.callback.${callback##*.}" 2> /dev/null ||
        { echo "SKIPPED: the callback ${callback} is not here" >&2; continue; }
    # shellcheck disable=SC2086
    ANSIBLE_STDOUT_CALLBACK="${callback}" play "${callback}" ${options} play.yml -e '{"no_leak_shell": {}, "no_leak_many": 4}' &
    ends "${callback}" $!
done <<'CALLBACKS'
ansible.posix.json -vvv
community.general.yaml -v
ansible.posix.debug -vvv --check
CALLBACKS
ends inside "${inside}"
ends outside "${outside}"

# Each kind of place on its own, so that the canary must be found in each; then what is left.
places=("${syslog[@]}" async="${searched}/outside/async" kept="${searched}/outside/remote" facts="${searched}/inside/facts")
for run in inside outside roles ansible.posix.json ansible.posix.debug community.general.yaml; do
    test -d "${searched}/${run}" || continue
    places+=("${run}-screen=${searched}/${run}/screen.txt" "${run}-log=${searched}/${run}/ansible.log"
        "${run}-junit=${searched}/${run}/junit" "${run}-tree=${searched}/${run}/tree")
done
test -z "$(find "${searched}"/*/local "${searched}/inside/remote" "${searched}/roles/remote" -type f)"
python search.py search "${hidden}" "${places[@]}" "rest=${searched}"
