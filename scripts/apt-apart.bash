# For scripts that unpack packages of another suite of Debian without installing them. The caller sets
# $work, a folder of its own; apt's words go to $work/log.
# shellcheck shell=bash

# The source of this system's main packages: the first suite of Debian that is no suite of updates.
# shellcheck disable=SC2016 # apt's variables
find_mirror() {
    apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(COMPONENT) $(REPO_URI)' \
        'Created-By: Packages' | awk '$1 == "Debian" && $2 !~ /-/ && $3 == "main" { print $4; exit }'
}

# apt-get with its own lists, cache and sources, as on a system where nothing is installed; those of
# the system are not used.
# shellcheck disable=SC2154 # the caller's
apt_apart() {
    apt-get -q -y -o "Dir::State=$work/state" -o "Dir::State::status=$work/status" \
        -o "Dir::Cache=$work/cache" -o "Dir::Etc::sourcelist=$work/sources.list" \
        -o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=- -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
        -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@" \
        >>"$work/log" 2>&1 </dev/null
}

# begin_suite MIRROR SUITE: makes apt_apart see that suite alone, with an empty cache.
begin_suite() {
    rm -rf "$work/state" "$work/cache"
    mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
    : >"$work/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $1 $2 main" \
        >"$work/sources.list"
    apt_apart update
}
