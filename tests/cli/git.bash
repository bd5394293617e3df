# Repositories of git, and servers for them: git http-backend behind nginx, and sshd.
# shellcheck shell=bash

# git without the configuration of this machine, and with a date that does not move.
git_apart() {
    GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_COUNT=2 \
        GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=tester \
        GIT_CONFIG_KEY_1=user.email GIT_CONFIG_VALUE_1=tester@example.org \
        GIT_AUTHOR_DATE='2026-01-02T03:04:05Z' GIT_COMMITTER_DATE='2026-01-02T03:04:05Z' \
        git -c init.defaultBranch=main -c protocol.file.allow=always "$@"
}

# commit REPO SEED: filters/auth/filter.wasm of that seed, and a file that changes with it.
commit() {
    mkdir -p "$1/filters/auth"
    make_wasm "$1/filters/auth/filter.wasm" 0_2_1 300 "$2"
    cp "$1/filters/auth/filter.wasm" "$(dirname "$1")/$2.wasm"
    echo "$2" >"$1/version"
    git_apart -C "$1" add -A
    git_apart -C "$1" commit -qm "$2"
}

# make_repository FOLDER: filter.git in it, bare, with the commits first (v1.0), second (branch dev,
# annotated tag v1.2), hidden (no name stands for it) and last (main); FOLDER/work is its work tree,
# and FOLDER/NAME.wasm the module of each commit.
make_repository() {
    local work=$1/work
    mkdir -p "$1"
    git_apart init -q "$work"
    commit "$work" first
    git_apart -C "$work" tag v1.0
    commit "$work" second
    git_apart -C "$work" tag -a v1.2 -m "version 1.2"
    git_apart -C "$work" branch dev
    commit "$work" hidden
    git_apart -C "$work" rev-parse HEAD >"$1/hidden"
    commit "$work" last
    git_apart clone -q --bare "$work" "$1/filter.git"
}

commit_of() { # REPO NAME
    git_apart -C "$1" rev-parse "$2^{commit}"
}

# start_git_server: sets GIT_URL (https), GIT_PLAIN (http) and REPOS, the folder of the repositories.
# Below /open/ everybody may read, below /locked/ only GIT_USER; /both/ offers several
# kinds of login in one field; /moved/ leads to /open/ on another name of the server, /moved-locked/ to /locked/ there; /loop/ leads to itself.
start_git_server() {
    skip_unless git nginx fcgiwrap openssl htpasswd
    [[ ! ${SKIP_FILE:-} ]] || return 0
    export REPOS=$BATS_FILE_TMPDIR/repos TLS=$BATS_FILE_TMPDIR/tls GIT_USER=tester GIT_PASSWORD='s3cret@x'
    mkdir -p "$REPOS" "$TLS"
    make_certificates "$TLS"
    export CA_FILE=$TLS/ca.pem
    htpasswd -bnm "$GIT_USER" "$GIT_PASSWORD" >"$TLS/htpasswd"
    in_background fcgiwrap env -i PATH="$PATH" HOME=/nonexistent fcgiwrap -c 4 -s "unix:$TLS/cgi"
    wait_until 10 test -S "$TLS/cgi"
    start_nginx <<END
fastcgi_param SCRIPT_FILENAME $(git --exec-path)/git-http-backend;
fastcgi_param GIT_PROJECT_ROOT $REPOS;
fastcgi_param GIT_HTTP_EXPORT_ALL 1;
fastcgi_param PATH_INFO \$path;
fastcgi_param REQUEST_METHOD \$request_method;
fastcgi_param QUERY_STRING \$query_string;
fastcgi_param CONTENT_TYPE \$content_type;
fastcgi_param CONTENT_LENGTH \$content_length;
fastcgi_param REMOTE_USER \$remote_user;
fastcgi_param HTTP_CONTENT_ENCODING \$http_content_encoding;
map \$uri \$path { ~^/[a-z]+(?<rest>/.*)\$ \$rest; }
server {
    listen 127.0.0.1:@PORT@ ssl;
    listen unix:$TLS/plain;
    ssl_certificate $TLS/server.pem;
    ssl_certificate_key $TLS/server.key;
    location /open/ { fastcgi_pass unix:$TLS/cgi; }
    location /locked/ {
        auth_basic git;
        auth_basic_user_file $TLS/htpasswd;
        fastcgi_pass unix:$TLS/cgi;
    }
    location /bearer/ { add_header WWW-Authenticate 'Negotiate' always; return 401; }
    location /both/ {
        if (\$http_authorization = '') {
            add_header WWW-Authenticate 'Digest realm="a, Bearer", nonce="b", basic realm="git"' always;
            return 401;
        }
        auth_basic git;
        auth_basic_user_file $TLS/htpasswd;
        fastcgi_pass unix:$TLS/cgi;
    }
    location ~ ^/moved/(.*)\$ { return 302 https://localhost:@PORT@/open/\$1\$is_args\$args; }
    location ~ ^/renamed/(.*)\$ { return 301 /locked/\$1\$is_args\$args; }
    location ~ ^/away/(.*)\$ { return 302 https://localhost:@PORT@/locked/\$1\$is_args\$args; }
    location ~ ^/down/(.*)\$ { return 302 http://127.0.0.1:@PORT@/open/\$1\$is_args\$args; }
    location ~ ^/lost/ { return 302 /other/; }
    location ~ ^/loop/ { return 302 \$request_uri; }
}
END
    export GIT_URL=https://$NGINX
}

# The credential helper of a test: answers with GIT_USER and $HELPER_PASSWORD, and writes to helper.log
# what it is asked and told.
use_helper() {
    cat >"$PWD/helper" <<END
#!/bin/sh
{ echo "action=\$1"; cat; } | tee -a '$PWD/helper.log' >'$PWD/helper.last'
[ "\$1" != get ] || printf 'username=%s\npassword=%s\n' '$GIT_USER' '$1'
END
    chmod +x "$PWD/helper"
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper GIT_CONFIG_VALUE_0=$PWD/helper
}

# start_sshd: an sshd that serves the repositories to a key in an agent. Sets SSH_PORT, and GIT_SSH_COMMAND
# with a list of known hosts of its own.
start_sshd() {
    skip_unless sshd ssh ssh-agent ssh-keygen
    local dir=$BATS_FILE_TMPDIR/ssh
    mkdir -p "$dir" /run/sshd 2>/dev/null || mkdir -p "$dir"
    ssh-keygen -q -t ed25519 -N '' -f "$dir/host"
    ssh-keygen -q -t ed25519 -N '' -f "$dir/user"
    SSH_PORT=$((RANDOM % 12000 + 20000))
    cat >"$dir/sshd_config" <<END
ListenAddress 127.0.0.1
Port $SSH_PORT
HostKey $dir/host
PidFile none
AuthorizedKeysFile $dir/user.pub
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
END
    in_background sshd "$(command -v sshd)" -D -e -f "$dir/sshd_config"
    wait_until 10 grep -q 'Server listening' "$BACKGROUND_LOG.err"
    in_background agent ssh-agent -D -a "$dir/agent"
    wait_until 10 test -S "$dir/agent"
    SSH_AUTH_SOCK=$dir/agent ssh-add -q "$dir/user"
    rm "$dir/user" # the agent alone has it
    printf '[127.0.0.1]:%s %s\n' "$SSH_PORT" "$(cut -d' ' -f1,2 "$dir/host.pub")" >"$dir/known"
    export SSH_PORT SSH_DIR=$dir
}

# ssh_with KNOWN_HOSTS [AGENT]: the ssh of a test, which does not look at this machine's files.
ssh_with() {
    export GIT_SSH_COMMAND="ssh -F none -oUserKnownHostsFile=$1 -oGlobalKnownHostsFile=none -oIdentityFile=none -oBatchMode=yes"
    export SSH_AUTH_SOCK=${2-$SSH_DIR/agent}
}
