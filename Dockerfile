# The worker, and with another command the page. Its steps are those of `make run`; docs/running.md says how to run it.

FROM node:20-bookworm AS page
WORKDIR /parley
COPY deploy/__init__.py deploy/
COPY deploy/steps deploy/steps
COPY frontend/package.json frontend/package-lock.json frontend/
RUN python3 -m deploy.steps page

FROM python:3.12-slim-bookworm AS venv
WORKDIR /parley
COPY deploy/__init__.py deploy/
COPY deploy/steps deploy/steps
# the voice in it is hibari's (Apache-2.0); Piper (GPL-3.0) is not: docs/providers.md
COPY requirements.lock requirements-dev.lock ./
# compiled now, because the running image cannot write
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
RUN python3 -m deploy.steps venv

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /tmp parley && install -d -o parley /var/lib/parley
WORKDIR /parley
COPY --from=venv /parley/.venv .venv
COPY --from=page /parley/frontend/vendor frontend/vendor
COPY frontend frontend
COPY agent agent
COPY tools tools
COPY backends backends
COPY profiles profiles
COPY deploy/__init__.py deploy/health.py deploy/
COPY agent.py LICENSE ./
RUN .venv/bin/python -m compileall -q agent tools backends deploy
ENV PATH=/parley/.venv/bin:/usr/local/bin:/usr/bin:/bin HOME=/tmp PYTHONUNBUFFERED=1 PARLEY_VAR_DIR=/var/lib/parley
VOLUME /var/lib/parley
USER parley
# 8081 answers health checks inside the container only
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "deploy.health"]
# SIGTERM lets calls end; give it time: docker stop --timeout 900
CMD ["python", "agent.py", "start"]
