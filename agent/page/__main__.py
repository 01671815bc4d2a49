"""`python -m agent.page` serves the caller's page."""

import sys

from agent.page.web import main

if __name__ == "__main__":
    sys.exit(main())
