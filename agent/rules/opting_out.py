"""Opting out: whether a caller's words say that they want no more calls from us. Knows English.

A rule and no model: the law asks for it whatever thinks, and it holds for ever. Each line is a wish to stop or to be
taken out, together with what it is about; a word alone is none of it: "stop calling me sir" is about a name, "don't
call me before nine" about an hour, "take me off the waiting list" about another list.
"""

import re

# What <name> in a line below stands for; a name may hold others.
_WORDS = {
    "ring": "(?:call|phon|ring|dial|contact|bother|harass|pester|disturb|annoy|text|messag|telephon)",
    "calling": "(?:<ring>e?ing)",
    "call": "(?:<ring>e?|be <calling>)",
    "stop": "(?:stop|quit|cease|end|enough(?: with)?|refrain from|desist(?: from)?|no more|(?:tired|sick) of you)",
    # said to us; "you never call me" and "why don't they call" are complaints of too few calls
    "not": r"(?:<they_not>(?:do not|don't|dont|never|not to|to never|no one should))",
    "they_not": "(?<!you )(?<!they )(?<!he )(?<!she )(?<!i )(?<!we )",
    "may_not": "(?:(?:you|they)(?: guys| people)? (?:may not|must not|mustn't|should ?n.t|should not|can't))",
    "ever": "(?:(?: ever| please| you (?:ever )?dare| try to| even)*)",
    "me": r"(?:(?: (?:up|me|us|him|her|here|(?:(?:on|at|to) )?(?:this|that|my|our) (?:\w+ )?<place>))+)",
    "place": "(?:number|phone|line|house|home|cell|mobile|landline|place|office|<family>)",
    "family": "(?:family|mother|mom|mum|father|dad|wife|husband|parents|kids)",
    "more": r"(?:(?: (?:back|again|ever|any ?more|any longer|at all|<polite>|now|already|all the time|every day|"
    r"constantly|so much|like this|today|tonight|tomorrow))*)",
    "polite": "(?:please|thanks|thank you|ok|okay)",
    "end": r"(?:(?=[.,;:!?]|$| <goes_on>\b))",  # the sentence is over, or goes on with a reason
    "goes_on": "(?:and|or|but|because|about|for|with|i|i'm|i've|i'll|it's|this|you|we|that's|unless|if|so|man|people)",
    "mine": r"(?:me|us|my (?:\w+ )?(?:name|number|phone|details|info\w*|contact)|(?:this|our) (?:\w+ )?number)",
    "take": "(?:take|get|remove|strike|delete|scratch|drop|erase|wipe|cross|pull|keep)",
    "taken": "(?:taken|removed|deleted|struck|dropped|erased|wiped|off)",
    "off": r"(?:(?:off|from|out of)(?: \w+){0,4} <list>)",
    "list": r"(?:(?<!waiting )(?:lists?|database|system|records?|regist\w+|books|files?|campaign|dialer|calls)\b)",
    "dont": r"(?:\b(?:don't|do not|never)(?: \w+)?)",
}
_LINES = r"""
    \b<stop>(?: with)?(?: all)?(?: the| these| your)? <calling><me>?<more><end>
    \b(?:wish|want|need|told|ask\w*|like|tell)\b(?: \w+){0,3} (?:to|would|you'd|could|he'd|not) (?:stop|quit) <calling>
    \b<stop>(?: with)?(?: all)? (?:the|these|your)(?: \w+)? (?:calls|texts|messages)<more><end>
    \bif you(?: guys| people| all)? (?:didn't|did not|never|don't|wouldn't|would not) <call><me>?<more><end>
    \bif you(?: guys| people| all)? (?:would )?stop(?:ped)? <calling>
    \b<not><ever> <call><me><more><end>
    \b<not><ever> <call> (?:back|again|any ?more|ever again)<end>
    \b<may_not> <call><me><more><end>
    \b(?:told|asked|said|tell|ask|begged|warned)\b(?: \w+){0,4} (?:not to|don't|never|to never)(?: ever)? <call>\b
    \bno (?:more|further) (?:\w+ )?(?:calls|phone calls|contact|messages|texts)\b
    <dont> (?:want|wish|need|like|consent|agree)(?: \w+){0,3} (?:calls|to be (?:called|contacted))\b
    <dont> (?:want|wish|need|like)(?: \w+){0,3} (?:<calling>|to <call>)<me>
    <dont> (?:want|wish) to (?:hear from|be bothered by|be called by|talk to) you
    \b<take> <mine>(?: \w+){0,2} <off>
    \btake <mine> off<end>
    \bbe <taken>(?: \w+)? <off>
    \b(?:remove|unsubscribe|blacklist|delist) <mine>(?:<more><end>| from (?:your|these|this|all)\b)
    \b(?:delete|lose|erase|forget|burn) (?:my|this|our) (?:phone )?number\b(?! of| on my| in my)
    \bdo[- ]not[- ]call (?:list|register|registry)\b
    \b(?:want|like|wish|going|need|me) (?:to )?(?:opt|opting)(?: me)? out(?:<more><end>| of (?:\w+ ){0,3}calls)
    \b(?:opt|opting) me out\b
    ^(?:please |i want to )*unsubscribe\b
    \bleave (?:me|us) alone\b
    """
# Who speaks of our calling at another time, or asks whether we do, has not sent us away.
_LIMITED = re.compile(
    r"\b(?:before|after|until|till|between|during|on (?:a )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?|on weekends?|"
    r"at (?:work|night|lunch|\w+ o'clock|noon|dinner)|this (?:late|early)|so (?:late|early)|today|tonight|tomorrow|"
    r"right now|in the (?:morning|evening|afternoon))\b"
)


def _pattern() -> re.Pattern[str]:
    lines = "|".join(line.strip() for line in _LINES.strip().splitlines())
    while re.search(r"<[a-z_]+>", lines):
        lines = re.sub(r"<([a-z_]+)>", lambda found: _WORDS[found[1]], lines)
    return re.compile(lines)


_PATTERN = _pattern()


def opts_out(text: str) -> bool:
    """Whether the words ask for no more calls. Depends on nothing but the words."""
    said = " ".join(text.replace("\u2019", "'").lower().split())
    return any(not _is_limited(said, found) for found in _PATTERN.finditer(said))


def _is_limited(said: str, found: re.Match[str]) -> bool:
    """Only for a while, or at some hours: "don't call me before nine". "Again" and "ever" are for good."""
    rest = re.split(r"[.;!?]", said[found.start() :], maxsplit=1)[0]
    return bool(_LIMITED.search(rest)) and not re.search(r"\b(?:ever|never|list|any ?more)\b", rest)
