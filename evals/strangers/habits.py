"""What people do in a call beside answering: each habit shows itself once."""

import random
from dataclasses import dataclass, fields

_OFTEN = 0.4  # of all callers have any one habit


@dataclass(slots=True)
class Habits:
    """What a caller will do once, if there is an occasion."""

    over_answers: bool
    looks_up: bool
    in_pieces: bool
    corrects_itself: bool
    changes_mind: bool
    asks_between: bool
    refuses: bool
    introduces_itself: bool
    asks_about_the_call: bool

    @classmethod
    def drawn(cls, rng: random.Random) -> "Habits":
        """Some of them."""
        return cls(*(rng.random() < _OFTEN for _ in fields(cls)))

    def take(self, name: str) -> bool:
        """Whether it shows itself now; it will not again."""
        there = bool(getattr(self, name))
        setattr(self, name, False)
        return there
