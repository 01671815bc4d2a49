#!/bin/sh
# Runs "$@" with the first Python that Parley works with. Shell, because an old Python could not even read our sources.
for python in python3 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
        exec "$python" "$@"
    fi
done
found=$(python3 --version 2>/dev/null || echo "no python3")
echo "Parley needs Python 3.11, 3.12 or 3.13 and found $found on PATH: install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.13)." >&2
exit 1
