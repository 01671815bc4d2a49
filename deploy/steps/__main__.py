"""`python3 -m deploy.steps [--dev] NAME...` takes the steps that are asked for, side by side, and tells how it goes."""

import argparse
import fcntl
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from deploy.steps import livekit_server, livekit_sip, page, redis, venv
from deploy.steps.step import CACHE, Failed, Progress, Step

STEPS: dict[str, Callable[[bool], Step]] = {
    "venv": lambda is_dev: venv.step(is_dev=is_dev),
    "livekit-server": lambda _: livekit_server.step(),
    "redis": lambda _: redis.step(),
    "livekit-sip": lambda is_dev: livekit_sip.step(is_dev=is_dev),
    "page": lambda is_dev: page.step(is_dev=is_dev),
}
WORD_EVERY_S = 10.0


def main(arguments: list[str]) -> int:
    """Exit status: 0 done, 1 something is missing (said in a sentence), 130 stopped."""
    parser = argparse.ArgumentParser(prog="deploy.steps", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="with what the tests need")
    parser.add_argument("steps", nargs="+", choices=[*STEPS, "lock"])
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with _alone():
            if "lock" in chosen.steps:
                venv.lock(Progress("lock"))
            else:
                take([STEPS[name](chosen.dev) for name in chosen.steps])
    except Failed as failed:
        print(f"parley: {failed}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nparley: set-up stopped; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def take(steps: list[Step]) -> None:
    """Do what is not done, side by side. Raises Failed as soon as one fails, when all others have ended too."""
    todo = [step for step in steps if not step.is_done]
    for step in steps:
        if step not in todo:
            say(step.name, f"up to date{step.is_elsewhere and f' ({step.is_elsewhere})'}")
    if not todo:
        return
    running = {step.name: Progress(step.name) for step in todo}
    with ThreadPoolExecutor(len(todo)) as pool:
        futures = {pool.submit(_timed, step, running[step.name]): step.name for step in todo}
        try:
            _watch(futures, running)
        finally:
            for progress in running.values():
                progress.stop()


def _timed(step: Step, progress: Progress) -> None:
    began = time.monotonic()
    say(step.name, f"{step.doing} …")
    step.run(progress)
    say(step.name, f"done in {time.monotonic() - began:.0f} s")


def _watch(futures: dict[Future[None], str], running: dict[str, Progress]) -> None:
    began, pending = time.monotonic(), set(futures)
    spoken = began
    while pending:
        done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
        if any(future.exception() for future in done):
            time.sleep(0.3)  # what else is missing shows at once: say it all, so that it can be mended together
            _raise_all(futures)
        if time.monotonic() - spoken >= WORD_EVERY_S:
            spoken = time.monotonic()
            for name in sorted(futures[future] for future in pending):
                say(name, f"{spoken - began:4.0f} s  {running[name].note[:90]}")


def _raise_all(futures: dict[Future[None], str]) -> None:
    errors = {name: future.exception() for future, name in futures.items() if future.done()}
    for error in errors.values():
        if error and not isinstance(error, Failed):
            raise error
    raise Failed("\n        ".join(f"{name}: {error}" for name, error in errors.items() if error))


def say(name: str, what: str) -> None:
    """One line of progress, in one piece: steps that run side by side say theirs at any time."""
    sys.stdout.write(f"  {name:<15} {what}\n")
    sys.stdout.flush()


@contextmanager
def _alone() -> Iterator[None]:
    """Only one set-up at a time writes here; a second waits for it."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "steps.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("  another make is setting up this folder; waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
