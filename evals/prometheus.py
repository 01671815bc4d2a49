"""A real Prometheus on loopback that reads one target every second, and what it answers to a query."""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from agent.config import ROOT
from evals.servers import free_port

PAUSE_S = 0.3
RULES = ROOT / "deploy" / "prometheus" / "parley.rules.yml"


class Prometheus:
    """Asks it."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def query(self, expression: str) -> list[dict[str, object]]:
        """The series that the expression comes to now. Raises AssertionError for one that it does not understand."""
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"{self._url}/api/v1/query", params={"query": expression})
            said = await answer.json()
        assert said["status"] == "success", f"{expression}: {said.get('error')}"
        result: list[dict[str, object]] = said["data"]["result"]
        return result

    async def until(self, expression: str, within_s: float = 30.0) -> list[dict[str, object]]:
        """The series, as soon as there are any. Raises TimeoutError."""
        for _ in range(int(within_s / PAUSE_S)):
            if found := await self._try(expression):
                return found
            await asyncio.sleep(PAUSE_S)
        raise TimeoutError(expression)

    async def _try(self, expression: str) -> list[dict[str, object]]:
        try:
            return await self.query(expression)
        except aiohttp.ClientError:  # it has only begun
            return []


@asynccontextmanager
async def prometheus(folder: Path, target: str) -> AsyncIterator[Prometheus]:
    """It runs for as long as the block does, with our rules; its files are in `folder`."""
    shutil.copy(RULES, folder / RULES.name)
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [RULES.name],
        "scrape_configs": [{"job_name": "parley", "static_configs": [{"targets": [target]}]}],
    }
    path = folder / "prometheus.yml"
    path.write_text(json.dumps(config))  # JSON is YAML
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        "prometheus", f"--config.file={path}", f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
