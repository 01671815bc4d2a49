"""What a dispatch asks for, as it travels in its metadata: an agent of which profile, and for whom."""

import contextlib
import json
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class Dispatch:
    """`profile` is its name, `caller` the identity of whom it was made for, who was in the room before it, `instead_of`
    the identity of an agent there whose job is missed, `attempt` that of a call that we make, in the record of those
    (memory/dialled.py), `language` what the caller is known to speak. Each may be empty: then the worker's first
    profile answers, whoever comes is waited for, nobody is missed, the caller has called, and spoken_language.py finds
    out."""

    profile: str = ""
    caller: str = ""
    instead_of: str = ""
    attempt: str = ""
    language: str = ""

    @property
    def metadata(self) -> str:
        """As JSON, without what is empty."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def of(cls, metadata: str) -> "Dispatch":
        """What the metadata says, as far as it can be read."""
        with contextlib.suppress(ValueError, AttributeError):
            said = json.loads(metadata)
            return cls(*(str(said.get(one.name) or "") for one in fields(cls)))
        return cls()
