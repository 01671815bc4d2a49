"""A knowledge of a few passages that is found by its words alone."""

from collections.abc import Hashable, Sequence

from agent.understanding.matching.embedding import Vectors
from agent.understanding.matching.passages import Found, Passage
from agent.understanding.reading.words import content_words

PARKING = Passage("You can park behind the house.", "Parking", "house.md#Parking", ("where can I park",))
HOURS = Passage("We are open from nine to five.", "Opening hours", "house.md#Opening hours", ("when are you open",))


class WordKnowledge:
    """Scores a passage by the share of the query's words in it."""

    def __init__(self, passages: Sequence[Passage] = (PARKING, HOURS)) -> None:
        self._passages = passages
        self.is_warm = False

    async def warm(self) -> None:
        """Nothing to read."""
        self.is_warm = True

    @property
    def scope(self) -> Hashable:
        """All of it."""
        return ()

    @property
    def questions(self) -> Sequence[str]:
        """As the passages declare them."""
        return [question for passage in self._passages for question in passage.questions]

    def rank(self, query: str, vector: Vectors) -> Sequence[Found]:
        """Best first."""
        assert vector.ndim == 1
        asked = set(content_words(query))
        found = [Found(p, len(asked & _words(p)) / (len(asked) or 1), p.text) for p in self._passages]
        return sorted(found, key=lambda f: -f.score)


def _words(passage: Passage) -> set[str]:
    return set(content_words(" ".join((passage.heading, passage.text, *passage.questions))))
