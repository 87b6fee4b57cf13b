"""Checks that are told one line each, and the exit status that sums them up.

A check that fails does not stop the program: one missing piece of the server is told beside all
that works. A check that needs what an earlier one made fails with it. This is no test framework;
the framework is the Rust test which starts the program and shows everything that it said.
"""

import sys
import traceback
from contextlib import contextmanager

_results: list[bool] = []


@contextmanager
def check(name: str):
    """Runs the block; says `ok name`, or `FAIL name: why` where it raised."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 (whatever a client raises is the finding)
        _results.append(False)
        place = traceback.extract_tb(error.__traceback__)[-1]
        why = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"FAIL {name}: {why[:900]} ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})", flush=True)
    else:
        _results.append(True)
        print(f"ok {name}", flush=True)


def equal(got, want) -> None:
    """Both values in the message, so that the line alone says what is wrong."""
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


def holds(truth, otherwise) -> None:
    """For what is no equality; `otherwise` is shown when it does not hold."""
    if not truth:
        raise AssertionError(otherwise)


@contextmanager
def raises(kind: type[Exception]):
    """The block must raise `kind`; the error is then in the list that this gives."""
    caught: list[Exception] = []
    try:
        yield caught
    except kind as error:
        caught.append(error)
    else:
        raise AssertionError(f"nothing was raised, want {kind.__name__}")


def finish() -> None:
    """Ends the program: 0 only where something was checked and nothing failed."""
    failed = _results.count(False)
    print(f"{len(_results)} checks, {failed} failed")
    sys.exit(1 if failed or not _results else 0)
