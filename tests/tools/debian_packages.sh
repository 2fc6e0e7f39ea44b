#!/usr/bin/env bash
# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Installs the Debian packages that tests need: debian_packages.sh kerberos ssh directory browser
# Where that is not possible it says so and ends well: the tests are then skipped, and say so too.
set -euo pipefail

# A KDC, and what gssapi is built with; a server; a domain controller, Apache, and a clock that can be set wrong; a
# browser.
kerberos=(krb5-kdc krb5-admin-server krb5-user libkrb5-dev gcc python3-dev openssl)
ssh=(openssh-server openssh-client)
directory=(samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind python3-samba apache2
    libapache2-mod-auth-gssapi gss-ntlmssp krb5-user libkrb5-dev gcc iproute2 util-linux mount faketime)
browser=(chromium)
no_services=/usr/sbin/policy-rc.d

packages=()
for group in "$@"; do
    case "$group" in
        kerberos) packages+=("${kerberos[@]}") ;;
        ssh) packages+=("${ssh[@]}") ;;
        directory) packages+=("${directory[@]}") ;;
        browser) packages+=("${browser[@]}") ;;
        *)
            echo "There is no group of packages called $group" >&2
            exit 2
            ;;
    esac
done

have() {
    local package
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || return 1
    done
}

apt() {
    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq -o DPkg::Lock::Timeout=60 "$@" </dev/null
}

install_without_starting() {
    local status=0
    # Debian starts the services that it installs, unless this says no.
    if [ ! -e "$no_services" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$no_services"
        chmod 755 "$no_services"
        apt install --no-install-recommends "$@" || status=$?
        rm -f "$no_services"
    else
        apt install --no-install-recommends "$@" || status=$?
    fi
    return "$status"
}

if ! command -v apt-get >/dev/null; then
    echo 'SKIPPED: not Debian, packages are not installed from here'
elif have; then
    echo 'Debian packages: present'
elif [ "$(id -u)" -ne 0 ]; then
    echo "SKIPPED: not root, not installing ${packages[*]}: tests that need them may be skipped"
elif apt update && install_without_starting "${packages[@]}"; then
    echo 'Debian packages: installed'
else
    echo "SKIPPED: apt-get could not install ${packages[*]}: tests that need them may be skipped"
fi
