#!/bin/sh
# Makes .venv hold exactly what requirements.lock says. A second call finds the lock's hash in
# .venv and does nothing. Needs a POSIX shell and Python; names no package index.
#
# usage: .ci/set_up.sh [PYTHON]
set -eu
cd "$(dirname "$0")/.."
python=${1:-python3}
lock=requirements.lock
stamp=.venv/lock.sha256
another="name another: make PYTHON=/path/to/python3"

fail() {
    echo "set-up: $*" >&2
    exit 1
}

# The environment's own interpreter computes it, so a broken environment is never up to date.
lock_hash() {
    .venv/bin/python -c 'import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$lock" 2>/dev/null
}

up_to_date() {
    [ -f "$stamp" ] && [ "$(lock_hash)" = "$(cat "$stamp")" ]
}

supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

check_python() {
    command -v "$python" >/dev/null ||
        fail "there is no '$python'; install Python 3.11, 3.12 or 3.13, or $another"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) ||
        fail "'$python' does not run; $another"
    supported "$python" ||
        fail "'$python' is Python $version, but 3.11, 3.12 or 3.13 is needed; $another"
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "'$python' lacks the venv module; install it (Debian, Ubuntu: apt-get install python3-venv) or $another"
}

make_environment() {
    supported .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null && return
    check_python
    "$python" -m venv --clear .venv || fail "'$python' could not make .venv; $another"
}

install_with_pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$1"
}

# pip installs one package, uv; uv, ten times as fast, the rest. Both check the lock's hashes.
install_with_uv() {
    awk '/^[^ ]/ { wanted = /^uv==/ } wanted' "$lock" >.venv/uv.lock
    install_with_pip .venv/uv.lock || return
    index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-}}
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    # Where Python may not keep bytecode, every start would compile Dagster and dbt again (3 s).
    .venv/bin/python -m uv pip sync --quiet ${PYTHONDONTWRITEBYTECODE:+--compile-bytecode} \
        --require-hashes --python .venv/bin/python "$lock"
}

# uv does not read pip's settings files, and some machines say only there where packages come from.
install_packages() {
    install_with_uv && return
    echo "set-up: uv could not install them; pip tries with its own settings, which takes a minute or two"
    check_python
    "$python" -m venv --clear .venv && install_with_pip "$lock"
}

up_to_date && exit

# A second make waits here instead of writing into the same environment.
exec 9<"$lock"
if command -v flock >/dev/null; then flock 9; fi
up_to_date && exit

make_environment
rm -f "$stamp"
echo "set-up: installing the packages of $lock into .venv"
install_packages || fail "the packages could not be installed; see above, check the network and run make again"
lock_hash >"$stamp"
