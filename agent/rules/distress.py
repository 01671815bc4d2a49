"""Distress: whether a caller's words tell of danger to life, which goes before all else. Knows English.

A rule and no model: it must hold with every LLM, on a guess of what was said, and where nothing that embeds runs. Each
line is who or what, together with what befalls them; a word alone ("dead", "kill", "fire") is none of it: batteries
die, waits kill and restaurants have fires. docs/understanding.md says how much of it is found, and how it was measured.
"""

import re
from enum import StrEnum


class Danger(StrEnum):
    """What a caller is in, or somebody with them."""

    SELF_HARM = "self_harm"
    MEDICAL = "medical"
    VIOLENCE = "violence"  # an intruder, an attack, a fire, gas


# What <name> in a line below stands for.
_WORDS = {
    "self": "(?:my|him|her|them|our)sel(?:f|ves)",
    "has": r"(?:'s|'re|'ve| is| are| was| were| has| have| had| just| got| gets| might be| may be| been| being)*",
    "is": r"(?:'s|'re| is| are| was| just| might be| may be)+",
    "not": ("(?:can't|cannot|can not|couldn't|could not|barely|hardly|isn't|is not|not|stopped|stops|won't)"),
    "body": (
        r"(?:dad|father|mom|mum|mother|wife|husband|partner|son|daughter|baby|kid|child|boy|girl|friend|brother|sister|"
        r"gran\w+|man|woman|boyfriend|girlfriend|neighbou?r|guest|toddler|infant|person|someone|somebody|he|she)"
    ),
    "someone": (
        r"(?:some(?:one|body)|an? (?:\w+ )?(?:man|woman|guy|stranger|intruder|burglar|thief|robber|prowler)|he|"
        r"she|they|(?:my|her|his) ex(?: \w+)?)"
    ),
    "victim": (
        r"(?:me|us|her|him|(?:my|his|her) (?:kids?|sons?|daughter|mother|mom|mum|wife|baby|sister|children|family))\b"
    ),
    "home": (
        "(?:house|home|flat|apartment|bedroom|bathroom|basement|attic|garage|kitchen|building|windows?|"
        "(?:front |back ?)?door|hallway|stairwell|yard)"
    ),
    "weapon": "(?:gun|knife|weapon|machete|rifle|pistol|baseball bat|axe|hammer|bomb)",
    "drugs": r"(?:pills|tablets|medicine|medication|sleeping \w+|painkillers|paracetamol|tylenol|aspirin|meds)",
    "poison": r"(?:(?:something )?poison\w*|bleach|drain cleaner|detergent|antifreeze|acid|lye|batter(?:y|ies))",
}
_LINES = {
    Danger.SELF_HARM: r"""
        \b(?:kill|hurt|harm|cut(?:t)?|hang|shoot|drown|starve|burn|off|poison)(?:s|ed|ing)? <self>\b
        \bdo \w+ stupid to <self>\b
        \b(?:suicid\w*|self[- ]harm\w*|overdos\w+|i(?:'ve| have)? (?:been|started|keep) cutting$)
        \b(?:rope|gun|knife|blade|razor|pills|bridge|roof|ledge)\b.*\b(?:<self>|my head|use it|jump|end it|disappear)\b
        \b(?:disappear|end it|jump)\b.*\b(?:pills|bridge|roof)\b
        \b(?:end|tak)(?:e|es|ed|ing)? (?:my|h\w+|their|our)(?: own)? life\b
        \bend(?:ing|ed)? it all\b|\bend things\b.*\bfor good\b|\bout of this life\b
        \b(?:want|wants|wanna|wish|ready|going|gonna|plan\w*|decided|hope)(?: \w+){0,3} (?:die|dead)\b(?! for)
        \b(?:want|wanna|ready|going|gonna)(?: to| and)* jump\b(?! for| to| the| at| in| ahead)
        \bfeel like dying\b|\brather (?:be )?(?:dead|die)\b|\bbetter off (?:dead|without me|if i)\b|\bif i died\b
        \bif i (?:was|were) (?:dead|gone)\b
        \b(?:don't|do not|no longer)(?: \w+)? (?:want|deserve) to (?:be alive|exist|wake up|go on living)\b
        \b(?:don't|do not|no longer)(?: \w+)? (?:want|deserve) to live(?! (?:in|at|with|near|there))\b
        \b(?:don't|do not|no longer)(?: \w+)? want to be here (?:anymore|any more)\b
        \bcan(?:'t|not) (?:go on|keep going|carry on)(?: living| like this| any ?more| any longer)+(?! on hold)
        \bcan(?:'t|not) (?:do this|take it|take this)\b.*\b(?:life|all to stop|it all to end)\b
        \b(?:no|nothing|no reason)(?: \w+){0,2} to live\b(?! (?:in|at|with|near))
        \b(?:isn't|not) worth living\b|\b(?:point|reason|sense)(?: in| of| for) (?:living|life|being alive|going on)\b
        \b(?:done with|tired of|sick of)(?: my)? (?:life|living)\b(?! (?:in|at|with|near))
        \bnever (?:to )?wake up\b
        \b(?:took|taken?|swallow\w*|taking)(?: \w+){0,3} (?:all|whole|too many|bottle|handful)(?: \w+){0,5} <drugs>\b
        \b(?:jump\w*|throw \w+self|step)(?: \w+)? (?:off|from|in front of) (?:the|a|this|my)\b
        \b(?:slit|cut)\w* (?:my|her|his|their)(?: own)? (?:wrists?|arms?|throat|veins)\b
        """,
    Danger.MEDICAL: r"""
        \b<not>(?: \w+){0,2} (?:breath\w*|get (?:any |my )?(?:air|breath)|catch my breath)\b
        \b(?:trouble|difficult\w*|hard|struggl\w+|unable|problems?|fighting|gasping)(?: \w+){0,3} (?:breath\w*|air)\b
        \bbreathing is (?:hard|difficult|getting)\b|\bshort(?:ness)? of breath\b
        \b(?:having|had|has|have|is it|suffer\w+)(?: \w+){0,2} (?:seizures?|convulsions?|fits?(?! me)|anaphyla\w+)\b
        \b(?:having|had|has|have|is it|suffer\w+)(?: \w+){0,2} (?:(?:asthma|heart) attack|an? stroke(?! of))\b
        \bheart (?:attack|has stopped|stopped)\b|\bcardiac arrest\b
        \bchest (?:hurts|pains?|is tight|feels tight|is hurting)\b
        \b(?:pain|pressure|tightness)(?: \w+){0,2} (?:my|his|her|the) chest\b
        \b(?:unconscious|unresponsive|no pulse|pass(?:ed|ing)? out|out cold|lost consciousness|not conscious)\b
        \b<body><has>(?: \w+)? (?:collapsed|fainted|drown\w*|dying|choking|dropped (?:to|on)|electrocuted|poisoned)\b
        \b<body>(?:'s| \w+)* (?:isn't|is not|not|won't|doesn't|has stopped|stopped)(?: \w+)? (?:respond|wak|mov)\w*\b
        \bi(?:'m| am) (?:dying(?! (?:to|for|of))|choking|in labou?r|fainting)\b|\bchoking on\b|\binto labou?r\b
        \bi(?:'ve| have)?(?: just)? (?:been|was|got) (?:poisoned|electrocuted|hit by|run over|stung)\b
        \b(?:bleed\w*|blood)\b.*\b(?:won't stop|can't stop|not stopping|everywhere|heavily|to death|badly|pouring)\b
        \b(?:so much|lots? of|a pool of|covered in) blood\b
        \b(?:turn\w*|gone|going|lips are) (?:blue|purple|gr[ae]y)\b
        \b(?:throat|tongue|airway)\b(?: \w+){0,2} (?:clos\w+|swelling|swollen)\b|\bface(?: is)? drooping\b
        \b(?:drank|drunk|drinking|swallow\w*|ate|eaten)(?: \w+){0,2} <poison>\b|\btook the wrong <drugs>\b
        \bfell\b.*\b(?:can't|cannot) (?:get up|move)\b|\bcan't (?:feel my (?:legs|arms?|face)|move my)\b
        \b(?:kid|child|son|daughter|baby|toddler)\b.*\bfell (?:in|into|from|out of)\b
        \b(?:arm|side|leg)<has>(?: \w+)? (?:numb|paraly[sz]ed)\b|\belectric shock\b
        \bwater(?: has| have| just)* bro(?:ke|ken)\b|\b(?:baby is coming|giving birth)\b
        \b<body><has> (?:\w+ )?(?:hit by|run over|hurt badly|badly hurt)\b
        \b(?:accident|crash|explosion)\b.*\b(?:hurt|injured|trapped|dead|bleeding)\b|\bdead body\b
        \b(?:call|send|need|get|calling)(?: \w+){0,3} (?:an|the) ambulance\b|\bneed(?: \w+){0,3} paramedics?\b
        \b(?:call|dial) (?:911|999|112|nine one one|nine nine nine|one one two)\b
        """,
    Danger.VIOLENCE: r"""
        \b<someone><is>(?: \w+)? (?:in|inside) (?:my|our|the|her) (?:\w+ )?<home><end>
        \b<someone><is>(?: \w+)? (?:inside|downstairs|outside with a \w+)<end>
        \bthere(?:'s| is) <someone> (?:in|inside|outside)(?: of)? (?:my|our|the) <home>\b
        \b<someone><has>(?: \w+)? (?:got|came|coming|climb\w*|break\w*|broke\w*)(?: in| down)*(?:to)? <my> <home>\b
        \b<someone><has> (?:bang|pound|kick)ing(?: \w+)? <my> <home>\b
        \bbreak\w*(?: \w+)? (?:in|into|through|down|the|my)(?: (?:to|my|our|the))* <home>\b
        \bbroke(?:n)?(?: \w+)? (?:in|into)(?: (?:my|our|the))* <home>\b
        \bget\w* (?:in|into|through) (?:my|our|the) window\b
        \b(?:intruders?|burglars?|prowler|home invasion|hostages?|kidnapp\w+|gunpoint|shooter)\b|\bbeen a shooting\b
        \b(?:trying to|is|are) break(?:ing)? in\b|\bbroke(?:n)? in(?: here| just now)\b|\bagainst (?:my|our|her) will\b
        \b(?:<someone>|there)(?:'s)?(?: \w+){0,4} (?:with|has|got|holding|pull\w*|point\w*) (?:a|the|his) <weapon>\b
        \b(?:he|she)'s got (?:a|the|his) <weapon>\b|\b<weapon> to my\b
        \b(?:hit|beat|attack|strangl|chok|stab|shoot)(?:t?ing|es|ed)(?: \w+)? <victim>
        \b(?:follow|stalk|chas|abus|rap|molest|assault)(?:ing|es|ed) <victim>
        \bthreaten(?:ing|s|ed)(?: to \w+)? <victim>
        \b(?:shot|stabbed|beats?|hits|grabbed|coming after) <victim>|\b(?:is|are|keeps) (?:hurting|shooting|stabbing)\b
        \b(?:kill|shoot|stab|murder|strangle|attack|rape|beat) <victim>(?! an?\b| some\b| up\b| to it)
        \b(?:going to|gonna|threatens? to|wants? to|will) hurt <victim>
        \b(?:being|been|getting|i'm|he's|she's) (?:attacked|mugged|raped|assaulted|stabbed|shot|chased)\b(?! by the)
        \b(?:being|i'm) followed\b(?! up)
        \b(?:being|been|getting|i'm|he's|she's) (?:abducted|beaten|strangled|stalked|held (?:here|hostage|captive))\b
        \b(?:locked|trapped|holding) (?:me|us)\b|\b(?:we|i)(?:'re| are|'m| am) (?:trapped|on fire|in danger)\b
        \bwon't let (?:me|us) (?:out|go|leave)\b|\bi(?:'m| am) hiding\b
        \b<home>\b(?: \w+)? (?:on fire|in flames|burning|burns|caught fire|full of smoke|filling with smoke)\b
        \b(?:car|stove|oven|\w+ next door)(?: \w+)? (?:is on fire|caught fire|in flames)\b
        \b(?:fire|flames)(?: in| coming from| inside) (?:my|our|the|this) (?:<home>|roof)\b(?! (?:have|has|work))
        \b(?:there's|there is|see|so much) smoke (?:in|coming from|out of|inside|everywhere)\b
        \b(?:help|hurry|quick|please)\b[,!. ]+(?:there's |there is )?(?:a )?fire\b|^(?:there's |there is )?(?:a )?fire$
        \b(?:smell|smells|smelling|leaking)\b(?: \w+){0,3} gas\b|\bgas leak\b|\bcarbon monoxide\b
        \b(?:call|send|get|need)(?: me| us)? (?:the|a) (?:police|cops|fire brigade|fire department)\b
        \bhelp me\b.*\b(?:he|she|they)(?:'s|'re| is| are)\b|^(?:(?:help|please)[,! ]*)*this is an emergency\b
        """,
}
# Who asks what if, or speaks of a parcel or a film, is in no danger now.
_SUPPOSED = re.compile(
    r"\b(?:what (?:if|happens)|in case|do you cover|am i (?:covered|insured)|laugh\w*|parcel|package|delivery|steaks?|"
    r"movies?|films?|books?|songs?|games?)\b"
)


def _patterns() -> dict[Danger, re.Pattern[str]]:
    named = {
        **_WORDS,
        "my": "(?:(?:in|on|at|through|my|our|the) ?)+",
        "end": r"(?= (?:and|right now|now|i)\b|[.!?,]|$)",
    }
    spelled = {danger: "|".join(map(str.strip, lines.strip().splitlines())) for danger, lines in _LINES.items()}
    return {d: re.compile(re.sub(r"<(\w+)>", lambda m: named[m[1]], lines)) for d, lines in spelled.items()}


_PATTERNS = _patterns()


def find_distress(text: str) -> Danger | None:
    """What the words tell of; None for an ordinary turn. Depends on nothing but the words."""
    said = " ".join(text.replace("\u2019", "'").lower().split())
    found = next((danger for danger, pattern in _PATTERNS.items() if pattern.search(said)), None)
    return None if found is not Danger.SELF_HARM and _SUPPOSED.search(said) else found
