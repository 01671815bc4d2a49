#!/bin/sh
# Every test, in two parts at once, a core each. Calls are held in real time, so what failed is played once more with the
# machine to itself; both verdicts are printed and the last one counts (docs/decisions/0039). What lines they
# reach is told by `make coverage`, which takes twice the processor's time.
.venv/bin/python -m pytest -n 2 --dist loadfile "$@"
status=$?
[ "$status" -eq 1 ] || exit "$status" # 1: tests failed, and nothing else was wrong
echo
echo "What failed above is played once more, by itself."
exec .venv/bin/python -m pytest --last-failed --last-failed-no-failures none "$@"
