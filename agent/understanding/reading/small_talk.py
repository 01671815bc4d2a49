"""What callers say to the understanding itself: hello, thanks, "say that again", "are you a robot".

And, against false friends, what no profile is about: a sentence nearest to one of those is out of scope.
"""

import re
from enum import StrEnum

from agent.understanding.reading.words import plain


class Small(StrEnum):
    """A kind of small talk."""

    HELLO = "hello"
    THANKS = "thanks"
    REPEAT = "repeat"
    ABILITIES = "abilities"
    ROBOT = "robot"
    HOLD_ON = "hold_on"
    NEVER_MIND = "never_mind"
    UNDO = "undo"
    ANNOUNCEMENT = "announcement"  # of a line that the caller, or whoever was dialled, is held on: nobody says it
    NOT_HAD = "not_had"
    COMPLAINT = "complaint"
    GRIEVANCE = "grievance"  # of what the house has done, rather than of this call: a person hears it
    LANGUAGE = "language"
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
        "is anybody there",
        "are you there",
        "I'm calling on behalf of my mother",
        "I'm calling for somebody else",
        "it's about my father",
    ),
    Small.THANKS: (
        "thank you",
        "thanks a lot",
        "thank you very much",
        "many thanks",
        "great, thanks",
        "perfect",
        "that's helpful",
        "that's very kind of you",
    ),
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
        "could you speak up a bit",
        "you are too quiet",
        "I missed that, once more please",
        "one more time",
        "I didn't understand what you said",
    ),
    Small.ABILITIES: (
        "what can you do",
        "how can you help me",
        "what can I ask you",
        "what are my options",
        "what do you know about",
        "what kind of things can you help with",
        "what do you offer",
        "how can you be of help",
        "what information do you need from me",
        "what do you need to know",
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
        "is this a recording",
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
        "let's leave it",
        "it doesn't matter",
        "skip that",
        "no, leave it",
    ),
    Small.UNDO: (
        "cancel that",
        "undo that",
        "undo what you just did",
        "can you undo the last thing",
        "can you reverse that",
        "reverse that transfer",
        "can you cancel that payment",
        "please stop that payment",
        "take that back",
        "could you take it back",
        "I need that money back from them",
        "revoke it",
        "call that off",
        "that was a mistake, please undo it",
        "I changed my mind, put it back as it was",
        "recall the payment that I made",
        "unblock it again",
        "restore it as it was before",
        "I did not want you to do that",
        "please don't do what I just asked for",
    ),
    Small.ANNOUNCEMENT: (
        "your call is important to us",
        "the next available agent will be with you shortly",
        "all of our agents are currently busy, please stay on the line",
        "this call may be recorded for quality and training purposes",
        "thank you for holding",
        "you are caller number four in the queue",
        "your estimated waiting time is ten minutes",
        "for sales press one, for support press two",
        "please listen carefully, as our menu options have changed",
        "we are experiencing a high volume of calls",
        "calls are answered in the order in which they were received",
        "please leave a message after the tone",
        "the number that you have dialled is not in service",
        "the person that you are calling is not available",
        "if you know your party's extension, dial it now",
        "para continuar en español, oprima el número dos",
        "an agent will be with you in a moment",
        "please continue to hold for the next representative",
        "our offices are closed, our hours are nine to five",
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
    Small.GRIEVANCE: (
        "I want to make a complaint",
        "you have charged me twice",
        "I was overcharged",
        "you took too much money from me",
        "I'm really unhappy with your service",
        "the way I was treated was terrible",
        "nobody ever called me back as promised",
        "this is unacceptable, I am very angry",
        "somebody of yours was rude to me",
        "what I got from you was broken",
        "we had to wait far too long yesterday",
        "it was a terrible experience and I'm very disappointed",
        "your people lied to me",
        "this keeps going wrong, it is not the first time",
        "nobody answers when I write to you",
        "you've billed me for something I never had",
        "it was dirty and cold when we were there",
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
        "can you open the window for me",
        "what's the exchange rate of the dollar",
        "is it going to rain",
        "how old are you",
        "how tall is that mountain",
        "who invented it",
        "I'd like to book a table",
        "what should I eat",
        "I need a doctor",
        "how do I get a passport",
        "are ghosts real",
        "stop sending me reminders",
        "cancel my reminder",
        "stop the text messages",
        "cancel my subscription",
        "unsubscribe me from the newsletter",
        "how do I cancel a standing order",
        "set up a direct debit",
    ),
}

# Said so often and so short that a rule is surer than a vector. Each list is joined with "or".
_PLEASE = r"(?: me| please| then| now)*"
_LEAVING = (
    r"no|nope|okay|ok|alright|great|thanks|thank you|no thanks|no thank you|that's all|that is all|that's it|"
    r"that's everything|nothing else|i'm (?:done|good|all set)|that will be all|have a (?:nice|good|great) \w+"
)
_FIXED: dict[Small, str] = {
    Small.NEVER_MIND: (
        rf"(?:(?:no|oh|actually),? )*(?:never ?mind|(?:forget|drop|leave|skip) (?:it|that|about it)){_PLEASE}"
    ),
    Small.REPEAT: rf"(?:sorry|pardon|what|huh|come again|excuse me|say again|again|repeat(?: that)?){_PLEASE}",
    Small.THANKS: r"(?:(?:okay|ok|great|perfect|cool),? )?(?:thanks|thank you|cheers)(?: a lot| so much| very much)?",
    Small.HELLO: r"(?:hello|hi|hey|good (?:morning|afternoon|evening))(?: there)?",
    Small.HOLD_ON: (
        r"(?:(?:hold on|hang on|wait)(?: a (?:moment|minute|second|sec))?|"
        rf"(?:one|just a) (?:moment|minute|second|sec)){_PLEASE}"
    ),
    Small.LANGUAGE: (
        r"(?:hi,? |hello,? |sorry,? )?(?:do|can|could|does|is) "
        r"(?:you|we|i|(?:anyone|anybody|someone)(?: there| here)?|there \w+ who) "
        r"(?:also )?(?:speaks?(?: in)?|talk(?: to me)? in) "
        r"(?!english|slow|more|loud|up\b|to\b|with\b|about\b|a\b|as\b|now\b)\w+"
        r"(?: there| here| with me)?"
    ),
    Small.NOT_HAD: (
        r"(?:(?:sorry|uh|um|well|oh|no),? )*i (?:lost|forgot|(?:don't|do not|can't|cannot) (?:know|have|remember|"
        r"recall|find))(?: it| that| one| (?:the|my|an?) (?:\w+ )?(?:number|code|name|address|date))?"
        r"(?: right now| with me| on me| here)*"
    ),
    Small.GOODBYE: (
        rf"(?:(?:{_LEAVING})[,.! ]*)*(?:bye(?:[ -]bye)?|good ?bye|see you|that's all|that is all|that's it|"
        r"that's everything|nothing else|that will be all)(?: then| now| for now)?"
    ),
}
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _FIXED.items())


def fixed(text: str) -> Small | None:
    """The kind of a set phrase, or None when the examples must decide."""
    said = plain(text).strip(" .,!?")
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(said)), None)
