"""What a scenario's calls leave for its next one: a store of callers of its own, copied from one that was made once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from agent.call.call import Clock
from agent.memory.callers import Callers
from agent.memory.notes import Notes
from agent.memory.recall import Memory
from agent.memory.store import Store
from agent.profile.profile import Profile
from agent.tooling.toolbox import Toolbox

NEEDS = "remember_me"  # without that tool nobody is ever remembered


class Memories:
    """Of one profile, in a folder. A profile that remembers nobody needs no database."""

    def __init__(self, profile: Profile, toolbox: Toolbox, folder: Path) -> None:
        self._profile = profile
        self._toolbox = toolbox
        self._folder = folder
        self._original = folder / f"{profile.name}-callers.db"

    @contextmanager
    def callers(self) -> Iterator[Callers | None]:
        """Those of a scenario, none at first. Blocking."""
        if NEEDS not in self._profile.tools:
            yield None
            return
        if not self._original.exists():
            store = Store(f"sqlite:///{self._original}")
            store.prepare()
            store.close()
        path = self._folder / f"{uuid4().hex}.db"
        shutil.copyfile(self._original, path)
        callers = Callers(f"sqlite:///{path}")
        try:
            yield callers
        finally:
            callers.close()
            for file in path.parent.glob(f"{path.name}*"):
                file.unlink()

    def of_call(self, callers: Callers | None, call_id: str, clock: Clock) -> Memory:
        """That of one call."""
        return Memory(
            callers=callers,
            call_id=call_id,
            is_private=self._profile.memory.is_private,
            language=self._profile.language,
            clock=clock,
            notes=Notes(self._toolbox.intents),
        )
