#!/bin/sh
# Every test, in three parts at once: calls are held in real time, and a part that holds them leaves half a core idle.
# What failed is played once more with the machine to itself; both verdicts are printed and the last one counts
# (docs/decisions/0039). Which lines none reaches is told by `make coverage`, at twice the processor's time.
.venv/bin/python -m pytest -n 3 --dist loadfile "$@"
status=$?
[ "$status" -eq 1 ] || exit "$status" # 1: tests failed, and nothing else was wrong
echo
echo "What failed above is played once more, by itself."
exec .venv/bin/python -m pytest --last-failed --last-failed-no-failures none "$@"
