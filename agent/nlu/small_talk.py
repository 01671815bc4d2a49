"""What callers say to the understanding itself: hello, thanks, "say that again", "are you a robot". And, as a warning to
the nearest-example search, what no profile is about: a sentence closest to one of those is out of scope.
"""

import re
from enum import StrEnum

from agent.nlu.words import plain


class Small(StrEnum):
    """A kind of small talk."""

    HELLO = "hello"
    THANKS = "thanks"
    REPEAT = "repeat"
    ABILITIES = "abilities"
    ROBOT = "robot"
    HOLD_ON = "hold_on"
    NEVER_MIND = "never_mind"
    NOT_HAD = "not_had"
    COMPLAINT = "complaint"
    GOODBYE = "goodbye"
    ELSEWHERE = "elsewhere"


EXAMPLES: dict[Small, tuple[str, ...]] = {
    Small.HELLO: (
        "hello",
        "hi there",
        "hey",
        "good morning",
        "good afternoon",
        "how are you",
        "how are you doing today",
        "nice to meet you",
        "can you hear me",
        "I have a question",
        "can you help me",
        "I need some help",
    ),
    Small.THANKS: ("thank you", "thanks a lot", "thank you very much", "great, thanks", "perfect", "that's helpful"),
    Small.REPEAT: (
        "can you repeat that",
        "say that again please",
        "sorry, what did you say",
        "pardon",
        "what was that",
        "I didn't hear you",
        "I didn't catch that",
        "come again",
        "could you speak more slowly",
        "I missed that, once more please",
    ),
    Small.ABILITIES: (
        "what can you do",
        "how can you help me",
        "what can I ask you",
        "what are my options",
        "what do you know about",
        "what kind of things can you help with",
    ),
    Small.ROBOT: (
        "are you a robot",
        "am I talking to a machine",
        "are you a real person",
        "are you human",
        "is this a computer",
        "who am I speaking to",
        "are you an AI",
        "what's your name",
        "who are you",
    ),
    Small.HOLD_ON: (
        "hold on",
        "one moment please",
        "wait a second",
        "just a minute",
        "hang on, let me look",
        "let me find it",
        "let me check",
        "give me a second to find my paper",
    ),
    Small.NEVER_MIND: (
        "never mind",
        "forget it",
        "forget about it",
        "cancel that",
        "let's leave it",
        "it doesn't matter",
        "skip that",
        "no, leave it",
    ),
    Small.NOT_HAD: (
        "I don't have it",
        "I don't know the number",
        "I don't know",
        "I can't find it",
        "I lost it",
        "I don't have my order number",
        "I don't remember the number",
        "I don't have that with me",
    ),
    Small.COMPLAINT: (
        "that's not what I asked",
        "you don't understand me",
        "that is wrong",
        "this is useless",
        "no, that's not what I meant",
        "you are not listening",
        "that doesn't help",
    ),
    Small.GOODBYE: ("goodbye", "bye", "that's all, thank you", "see you", "I have to go now"),
    Small.ELSEWHERE: (
        "what's the weather like today",
        "tell me a joke",
        "who won the game last night",
        "book me a flight",
        "what's the capital of France",
        "order me a pizza",
        "play some music",
        "what's the meaning of life",
        "who is the president",
        "do you have a girlfriend",
        "I'm feeling sad",
        "what do you think about politics",
        "translate this into Spanish",
        "what's two plus two",
        "set an alarm for seven",
        "call my mother",
        "recommend me a movie",
        "how do I cook rice",
        "write me a poem",
        "what's the stock price",
        "do you have any job openings",
        "my computer is broken",
        "I have a headache",
        "turn on the lights",
        "the dog is barking",
        "he said he would come over later",
        "I was talking to my wife",
    ),
}

# Said so often and so short that a rule is surer than a vector.
_FIXED = (
    (
        Small.NEVER_MIND,
        r"(?:no,? |oh,? |actually,? )*(?:never ?mind|forget (?:it|about it|that)|drop it|leave it|skip it)(?: please| then)?",
    ),
    (
        Small.REPEAT,
        r"(?:sorry|pardon|what|huh|come again|excuse me|say again|again please|repeat|repeat that)(?: me| please)?",
    ),
    (Small.THANKS, r"(?:okay|ok|great|perfect|cool)?,? ?(?:thanks|thank you|cheers)(?: a lot| so much| very much)?"),
    (Small.HELLO, r"(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: there)?"),
    (
        Small.HOLD_ON,
        r"(?:hold on|one (?:moment|second|sec)|wait|just a (?:moment|minute|second|sec)|hang on)(?: please)?",
    ),
    (
        Small.NOT_HAD,
        r"(?:sorry,? |uh,? |um,? |well,? )*i (?:don't|do not|can't|cannot) (?:know|have|remember|recall|find)"
        r"(?: it| that| the number| my number| my order number| the order number| one)?"
        r"(?: right now| with me| on me| here| anymore)*",
    ),
    (
        Small.GOODBYE,
        r"(?:(?:no|nope|okay|ok|thanks|thank you|no thanks|no thank you|that's all|that is all|that's it|that's everything|"
        r"nothing else|i'm (?:done|good|all set)|that will be all|have a (?:nice|good|great) (?:day|one|evening))[,.! ]*)*"
        r"(?:bye(?:[ -]bye)?|goodbye|good bye|see you|that's all|that is all|that's it|that's everything|nothing else|"
        r"that will be all)(?: then| now)?",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _FIXED)


def fixed(text: str) -> Small | None:
    """The kind of a set phrase, or None when the examples must decide."""
    said = plain(text).strip(" .,!?")
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(said)), None)
