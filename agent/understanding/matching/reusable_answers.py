"""Which answer of a large model may be given again to another caller: one to a question that anybody could ask.

All its words must stand in the profile's own documents. Pure and strict: a doubt costs a request, a mistake misleads.
"""

import re
from collections.abc import Sequence

from agent.understanding.matching.passages import Passage, sentences
from agent.understanding.reading.words import content_words, is_noise, with_digits, word_set, words

# it means something of this call, or of this hour
_BOUND = word_set(
    "it it's its that that's this these those there they they're them their he she him her his one ones same such both "
    "my mine our ours us we we're me myself again else instead another other also too still already yet "
    "now today tonight tomorrow yesterday currently week month year monday tuesday wednesday thursday friday saturday "
    "sunday morning afternoon evening soon later earlier before after because said told mentioned mean meant"
)
_ASKS = word_set(
    "what what's which who whose when when's where where's why how how's can could do does did is are am was were will "
    "would should may must have has tell explain describe"
)
_OPEN = word_set("help else anything assist")
_NEGATIONS = word_set("not no never without except don't doesn't can't cannot isn't aren't won't")
_COURTESIES = word_set("yes no sure certainly absolutely well hello hi okay sorry unfortunately however also then")
_ADDRESS = re.compile(r"(?:^|[.!?] )([A-Z][\w'-]*),")
_CAPITAL = re.compile(r"(?<=[\w,;:] )[A-Z][\w'-]*")
_LONGEST = 30
_GROUNDED = 0.6  # of an answer's telling words must stand in the passages; the rest is grammar and courtesy


def is_anybodys(question: str, prompt: str = "") -> bool:
    """True when the question means the same in every call: it is whole, and points at nobody, nothing and no time.
    `prompt` is what the agent had said before; the answer to a question of its own is no question."""
    spoken = [word for word in words(question) if not is_noise(word)]
    if not 3 <= len(spoken) <= _LONGEST or spoken[0] not in _ASKS or is_asking(prompt):
        return False
    return not (_BOUND & set(spoken) or re.search(r"[\d@]", with_digits(question)))


def is_covered(question: str, passage: Passage) -> bool:
    """True when every telling word of it stands in the passage: nothing of it can be the caller's own."""
    telling = content_words(question)
    known = set(content_words(_all_text(passage)))
    return bool(telling) and known.issuperset(telling) and _names(question) <= set(words(_all_text(passage)))


def key(question: str) -> str:
    """What two questions must share besides their meaning: a vector hardly sees a "not"."""
    return " ".join(sorted(_NEGATIONS & set(words(question))))


def is_grounded(answer: str, passages: Sequence[Passage], told: str = "") -> bool:
    """True when the answer says what the passages say: every number and name of it, and most of its telling words.

    `told` is what this call alone brought up, the caller's words and what tools returned: none of it may be repeated.
    """
    said = [sentence for sentence in sentences(answer) if not sentence.endswith("?")]  # "Anything else?" says nothing
    source = " ".join(_all_text(passage) for passage in passages)
    telling, known = content_words(" ".join(said)), set(content_words(source))
    if not telling or not set(_numbers(source)).issuperset(_numbers(answer)):
        return False
    if not set(words(source)).issuperset(_names(answer)) or (set(content_words(answer)) - known) & set(
        content_words(told)
    ):
        return False
    return sum(word in known for word in telling) / len(telling) >= _GROUNDED


def has_negation(text: str) -> bool:
    """True when there is a "not" in it, which neither vectors nor examples see."""
    return bool(_NEGATIONS & set(words(text)))


def is_asking(prompt: str) -> bool:
    """True when the agent's words end in a question that waits for an answer of its own; "anything else?" is none."""
    return prompt.rstrip().endswith("?") and not _OPEN & set(words(sentences(prompt)[-1]))


def _names(text: str) -> set[str]:
    """What may be one: capitals inside a sentence, and the word that a sentence opens with before a comma."""
    names = {name.lower() for name in (*_CAPITAL.findall(text), *_ADDRESS.findall(text))}
    return names - {"i", "i'm", "i'd", "i've", "i'll"} - _COURTESIES


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", with_digits(text))


def _all_text(passage: Passage) -> str:
    return " ".join((passage.heading, *passage.questions, passage.text))
