#!/bin/sh
# The Python environment of the checkout, from nothing: a virtual environment in .venv with what uv.lock names.
# Needs Python 3.11 or newer and a package index; uses uv where it is installed and else puts it into .venv.
set -eu

venv=.venv
unset VIRTUAL_ENV
export UV_PROJECT_ENVIRONMENT="$venv" UV_PYTHON_DOWNLOADS=never

die() { printf '\n%s\n' "$*" >&2; exit 1; }

works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
        path=$(command -v "$name") || continue
        if works "$path"; then printf '%s' "$path"; return; fi
    done
    die "Aisle needs Python 3.11 or newer; 'python3 --version' says: $(python3 --version 2>&1 || true)." \
        "Install one (Debian and Ubuntu: apt-get install python3 python3-venv) and run this again."
}

# Debian splits the part of Python that makes environments into a package of its own.
make_venv() {
    if "$python" -m venv "$venv"; then return; fi
    rm -rf "$venv"
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    install="apt-get install -y python$version-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update && $install && "$python" -m venv "$venv" && return
    fi
    rm -rf "$venv"
    die "Python's venv module is not complete here. Run: sudo $install"
}

if [ -e "$venv" ] && ! works "$venv/bin/python"; then
    echo "The environment in $venv no longer works; making it again."
    rm -rf "$venv"
fi

if uv --version >/dev/null 2>&1; then
    uv=uv
    inexact=
    if [ ! -e "$venv" ]; then
        python=$(find_python)
        uv venv --quiet --python "$python" "$venv"
    fi
else
    uv="$venv/bin/uv"
    inexact=--inexact # an exact sync would remove uv itself, which the lock file does not name
    if [ ! -e "$venv" ]; then
        python=$(find_python)
        make_venv
    fi
    [ -x "$uv" ] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
fi

"$uv" sync --frozen $inexact
touch "$venv/.synced"
