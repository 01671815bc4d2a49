"""`python -m deploy.health [page]`: exit status 0 when the worker (or the page) of this container is healthy.

For Docker's HEALTHCHECK and Kubernetes' exec probes; the standard library only, so that it costs nothing to ask.
"""

import os
import sys
import urllib.request


def main(arguments: list[str]) -> int:
    """Says why on standard error when it is not."""
    if arguments == ["page"]:
        url = f"http://127.0.0.1:{os.environ.get('PARLEY_WEB_PORT', '8080')}/healthz"
    else:
        url = f"http://127.0.0.1:{os.environ.get('PARLEY_WORKER_PORT', '8081')}/"
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:  # noqa: S310  # the URL is ours
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(f"parley: {url} does not answer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
