"""A real Postgres in a folder of its own, reachable by a Unix socket only, that can be stopped and started again."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STRANGER = "nobody"  # Postgres refuses to run as root


class Postgres:
    """One server and its files. `program` is `postgres` itself; what belongs to it lies beside it."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._user = STRANGER if os.geteuid() == 0 else None
        self._server: subprocess.Popen[bytes] | None = None
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        subprocess.run(
            [program.with_name("initdb"), "-D", folder / "db", "-N", "-A", "trust", "-U", "parley", "--locale=C.UTF-8"],
            check=True, capture_output=True, user=self._user, cwd=folder,
        )  # fmt: skip

    @property
    def url(self) -> str:
        """Of its database `postgres`."""
        return f"postgresql+psycopg://parley@/postgres?host={self._folder}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        folder, options = self._folder, ("-c", "listen_addresses=", "-c", "max_connections=20")
        self._server = subprocess.Popen(
            [self._program, "-D", folder / "db", "-k", folder, "-F", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd=folder,
        )  # fmt: skip
        wait = 'until "$0" -q -h "$1"; do sleep 0.05; done'
        subprocess.run(["timeout", "20", "sh", "-c", wait, self._program.with_name("pg_isready"), folder], check=True)

    def stop(self) -> None:
        """Stop it, whoever is connected (Postgres calls it fast)."""
        if self._server is not None:
            self._server.send_signal(2)
            self._server.wait(20)
            self._server = None


@contextmanager
def running_postgres(program: Path) -> Iterator[Postgres]:
    """One that runs, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-", dir="/tmp"))  # a Unix socket's path is short
    try:
        server = Postgres(program, folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
