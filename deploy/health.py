"""`python -m deploy.health [worker | page]`: exit status 0 when the worker (or the page) of this container is healthy,
and is ours: any server says 200 to somebody.

For Docker's HEALTHCHECK and Kubernetes' exec probes; the standard library only, so that it costs nothing to ask.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException

PAGE_SERVICE = "parley page"  # agent/page/web.py's SERVICE
TIMEOUT_S = 4.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy knows no 127.0.0.1 of ours


def page_complaint(host: str, port: int) -> str:
    """What is wrong with the page there; empty when nothing is. Blocking."""
    return _complaint(host, port, "healthz", {"service": PAGE_SERVICE, "status": "ok"}, "Parley's page")


def worker_complaint(host: str, port: int, agent_name: str) -> str:
    """What is wrong with the worker there; empty when nothing is. Blocking."""
    wrong = _complaint(
        host, port, "worker", {"agent_name": agent_name}, f"the worker of PARLEY_AGENT_NAME={agent_name}"
    )
    return wrong or _complaint(host, port, "", {}, "the worker")


def _complaint(host: str, port: int, path: str, expected: Mapping[str, str], who: str) -> str:
    known = EVERYWHERE.get(host, host)
    url = f"http://{f'[{known}]' if ':' in known else known}:{port}/{path}"
    try:
        with _DIRECT.open(url, timeout=TIMEOUT_S) as answer:
            if answer.status == 200 and _says(answer.read(10_000), expected):
                return ""
    except urllib.error.HTTPError as error:
        said = error.read(200).decode(errors="replace") if path == "" else ""
        return f"{url} says {error.code}, so {who} is not healthy or not there{said and f': {said}'}"
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)  # of urllib's URLError
        return f"{url} does not answer as {who} does: {getattr(reason, 'strerror', None) or type(reason).__name__}"
    return f"{url} answers, but is not {who}; end that program or choose another port"


def _says(body: bytes, expected: Mapping[str, str]) -> bool:
    if not expected:
        return True
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and all(told.get(name) == value for name, value in expected.items())


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Says why on standard error when it is not. 2 when it was asked for wrongly."""
    of = environment.get
    what = arguments[0] if arguments else "worker"
    if len(arguments) > 1 or what not in {"worker", "page"}:
        print("parley: python -m deploy.health takes one word: worker or page", file=sys.stderr)
        return 2
    variable, default = ("PARLEY_WEB_PORT", "8080") if what == "page" else ("PARLEY_WORKER_PORT", "8081")
    if not of(variable, default).isascii() or not of(variable, default).isdigit():
        print(f"parley: environment variable {variable}: must be a number from 1 to 65535", file=sys.stderr)
        return 2
    port = int(of(variable, default))
    if what == "page":
        wrong = page_complaint(of("PARLEY_WEB_HOST", ""), port)
    else:
        wrong = worker_complaint(of("PARLEY_WORKER_HOST", ""), port, of("PARLEY_AGENT_NAME", "parley"))
    if wrong:
        print(f"parley: {wrong}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
