#!/bin/sh
# Every test, off-screen, in a session of its own: a message bus and an unlocked, empty Secret Service.
# Arguments go to pytest: tools/test.sh tests/rules -k clocks
set -u
cd "$(dirname "$0")/.."

tests() {
    .venv/bin/python -m pytest -n auto --maxprocesses 4 --dist worksteal "$@"
}

if [ "${1:-}" = --in-session ]; then
    shift
    exec 2>&3 3>&-
    # In the foreground it stays our child, so that it ends with the tests whatever becomes of the bus.
    printf 'sample' | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
    keyring=$!
    trap 'kill $keyring 2>/dev/null; wait $keyring 2>/dev/null' EXIT
    trap 'exit 130' INT TERM
    INSURAGENT_SECRET_SERVICE=1 tests "$@"
    exit
fi

[ "${CI:-}" = true ] && export INSURAGENT_CI=1
export QT_QPA_PLATFORM=offscreen
if ! command -v gnome-keyring-daemon >/dev/null || ! command -v dbus-run-session >/dev/null; then
    tests "$@"
    exit
fi
session=$(mktemp -d)
trap 'rm -rf "$session"' EXIT
trap 'exit 130' INT TERM
mkdir -m 700 "$session/runtime" "$session/data"
# The bus's own remarks (file limits of containers) are nobody's concern; the tests keep theirs through 3.
XDG_RUNTIME_DIR="$session/runtime" XDG_DATA_HOME="$session/data" \
    dbus-run-session -- "$0" --in-session "$@" 3>&2 2>/dev/null
