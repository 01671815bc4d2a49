"""How much of a value was dictated, at the pauses in which callers breathe, as they speak and as the ear writes it."""

import time
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from agent.intent import Intent, Slot, SlotKind
from agent.understanding.dictation.dictation import Dictation
from agent.understanding.dictation.expected import Expected
from agent.understanding.reading.trailing import Completeness

ORDER = "What is your order number? It has four digits."
ACCOUNT = "What is your account number?"
BOOKING = "What is the booking reference? It has six characters."
EMAIL = "What is your e-mail address?"
PHONE = "What is your phone number?"
DAY = "For which day?"
BIRTH = "What is your date of birth?"
TIME = "At what time?"
SPELL = "Could you spell your last name?"
NAME = "What is your name?"
MANY = "How many guests?"
CONFIRM = "Shall I cancel it?"
NOTHING = ""
NUMBER = Slot(name="order_number", kind=SlotKind.CODE, ask=ORDER, min_length=4, max_length=4)
DICTATION = Dictation({"lookup_order": Intent(examples=(), slots=(NUMBER,))})

TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    ORDER: {
        "unfinished": (
            "four",
            "four five",
            "Four, five.",
            "for five",
            "For.",
            "45",
            "4 5",
            "4-5",
            "forty-five",
            "four five seven",
            "457",
            "double",
            "double seven",
            "double seven four",
            "seven seven double",
            "triple one",
            "oh",
            "oh four",
            "oh oh four",
            "one oh oh",
            "four five and",
            "four five dash",
            "4 5 7... uh",
            "it's",
            "it is",
            "It's, um",
            "yes, it's",
            "my number is",
            "my order number is",
            "the number is four five",
            "I think it's four five",
            "Bree six four.",  # "three", misheard
            "uh",
            "four five, no, four six",
            "4572, no",
            "4572, sorry, four five",
            "4572, wait",
            "4571 and",
            "my e-mail is",
        ),
        "whole": (
            "four five seven one",
            "for five seven one",
            "4571",
            "4571.",
            "4 5 7 1",
            "4-5-7-1",
            "45 71",
            "4,571",
            "#4571",
            "forty-five seventy-one",
            "four thousand five hundred seventy one",
            "double seven four one",
            "double, seven, four, one",
            "The number is 4571.",
            "seven seven double four",
            "triple one four",
            "oh four five one",
            "one oh oh three",
            "four five dash seven one",
            "sure, it's four five seven one",
            "I think it's four five seven one",
            "four five seven one please",
            "4571, thank you",
            "four five, no, four six seven one",
            "4572, no, 4571",
            "4571 4572",
            "4571 and 4572",
        ),
        "open": (
            "forty five seventy",
            "four thousand five hundred",
            "4571 uh",
            "yes",
            "sure",
            "4572, no, seven one",
            "4571 and 45",
        ),
        "none": (
            "What?",
            "What was that?",
            "Want to know why?",
            "I don't have it",
            "I don't know",
            "What do you mean?",
            "where do I find that",
            "I lost it",
            "hold on, let me find it",
            "one moment please",
            "can I talk to a person",
            "4571 has it been sent",
            "I ordered two lamps",
            "I have two orders",
            "when do you close",
            "never mind",
        ),
    },
    ACCOUNT: {
        "unfinished": (
            "four five",
            "it's",
        ),
        "open": (
            "four five seven one",
            "45719920",
        ),
    },
    BOOKING: {
        "unfinished": (
            "A B",
            "A as in alpha, B as in bravo, four two",
            "A as in",
        ),
        "whole": (
            "A B 4 2 C D",
            "alpha bravo four two charlie delta",
        ),
    },
    EMAIL: {
        "unfinished": (
            "john",
            "john dot",
            "john dot smith",
            "john at",
            "john dot smith at",
            "john dot smith at example",
            "john dot smith at example dot",
            "john at example dot co dot",
            "j o h n",
            "jane underscore",
            "jane underscore doe 45",
            "it's",
            "my e-mail is",
            "my e-mail address is john at",
        ),
        "whole": (
            "john dot smith at example dot com",
            "John.Smith at example.com",
            "john@example.com",
            "it's john@example.com.",
            "john at example dot co dot uk",
            "j o h n at example dot com please",
            "jane underscore doe 45 at gmail dot com",
            "double l at example dot com",
            "john at example dot c o m",
        ),
        "open": (
            "john at example dot co",
            "john at example dot museum",
        ),
        "none": (
            "I don't have an e-mail",
            "why do you need that?",
        ),
    },
    PHONE: {
        "unfinished": (
            "five five five",
            "plus",
            "plus one five five five",
            "it's area code",
            "my number is",
        ),
        "open": (
            "555 0100",
            "020 7946 095",
        ),
        "whole": (
            "555 010 0199",
            "five five five zero one zero zero one nine nine",
            "plus one five five five zero one zero zero one nine nine",
            "+44 20 7946 0958",
            "020 7946 0958",
        ),
        "none": ("I have no phone",),
    },
    DAY: {
        "unfinished": (
            "march",
            "in march",
            "march the",
            "the fifth of",
            "next",
            "friday the",
            "tomorrow at",
            "on the",
            "on",
        ),
        "open": (
            "the fifth",
            "march twenty",
            "friday the 27th",
        ),
        "whole": (
            "the fifth of march",
            "March 5th",
            "march twenty first",
            "next friday",
            "friday",
            "tomorrow",
            "5/3/2026",
            "in two weeks",
        ),
        "none": (
            "any day is fine",
            "what days do you have",
        ),
    },
    BIRTH: {
        "unfinished": (
            "march fifth",
            "march fifth nineteen",
            "I was born in",
            "the fifth",
        ),
        "open": ("march fifth nineteen eighty",),
        "whole": (
            "march fifth nineteen eighty five",
            "March 5, 1985",
            "the fifth of march eighty five",
            "5/3/1985",
        ),
    },
    TIME: {
        "open": (
            "three",
            "three thirty",
        ),
        "unfinished": (
            "at",
            "half past",
            "seven in the",
            "quarter to",
        ),
        "whole": (
            "half past three",
            "three fifteen",
            "3:30",
            "3 pm",
            "three p.m.",
            "three o'clock",
            "noon",
            "seven in the evening",
        ),
        "none": ("whenever you have time",),
    },
    SPELL: {
        "unfinished": (
            "S",
            "S M",
            "Smith, S M I",
            "S as in",
            "S as in Sam, M as in",
            "double",
        ),
        "open": (
            "S M I",
            "it's S M I T",
        ),
        "whole": ("Smith, S M I T H",),
    },
    NAME: {
        "unfinished": (
            "my name is",
            "it's",
        ),
        "none": ("John Smith",),
    },
    MANY: {
        "whole": (
            "two",
            "twenty five",
        ),
        "open": ("twenty",),
        "unfinished": ("two hundred and",),
    },
    CONFIRM: {
        "whole": (
            "yes",
            "no",
            "yes please",
            "no, four five seven one",
        ),
        "none": ("why?",),
        "open": ("no, seven one",),
    },
    NOTHING: {
        "unfinished": (
            "my order number is",
            "my order number is four five",
            "where is order four five",
            "Where is my order? It's four five",
            "my phone number is five five five",
            "my e-mail is john at",
            "you can reach me at john at example dot",
            "four five",
            "my date of birth is",
            "my date of birth is march",
            "it's a double",
        ),
        "whole": (
            "Send it to orders at company.com.",
            "my order number is four five seven one",
            "where is order for five seven one",
            "my e-mail is john at example dot com",
        ),
        "none": (
            "forty-two",
            "when do you close",
            "where is my order",
            "what is my order number",
            "I lost my order number",
            "I'd like two lamps",
            "can I change my e-mail address",
            "do you have two e-mail addresses of mine?",
            "I was born in Boston",
            "I need it by march",
            "hello",
            "that's all, thank you",
        ),
        "open": ("S M I",),
    },
}
ROWS = [(prompt, said, wanted) for prompt, group in TABLE.items() for wanted, texts in group.items() for said in texts]


@pytest.mark.parametrize(("prompt", "said", "wanted"), ROWS, ids=lambda text: str(text)[:40])
def test_a_pause_is_known_for_what_it_is(prompt: str, said: str, wanted: str) -> None:
    """After this question and these words the value is whole, begun, either, or there is none."""
    assert DICTATION.completeness(said, DICTATION.expected(prompt)) == wanted


def test_the_table_is_as_long_as_promised() -> None:
    """And every answer is in it."""
    assert len(ROWS) >= 200
    assert {wanted for _, _, wanted in ROWS} == set(Completeness)


def ways(code: str) -> list[str]:
    """A code digit by digit: in words, in figures with spaces, commas and hyphens, in one figure."""
    spoken = [num2words(int(digit)) for digit in code]
    return [" ".join(spoken), ", ".join(spoken) + ".", " ".join(code), "-".join(code), code, f"it's {' '.join(spoken)}"]


@given(st.text(alphabet="0123456789", min_size=3, max_size=12))
def test_every_beginning_of_a_code_waits_and_the_whole_does_not(code: str) -> None:
    """However it is said and written."""
    wanted = Expected(SlotKind.CODE, len(code), len(code))
    for size in range(1, len(code)):
        assert {DICTATION.completeness(said, wanted) for said in ways(code[:size])} == {Completeness.UNFINISHED}
    assert {DICTATION.completeness(said, wanted) for said in ways(code)} == {Completeness.WHOLE}


@given(name=st.from_regex(r"[a-z]{3,8}", fullmatch=True), host=st.from_regex(r"[a-z]{4,8}", fullmatch=True))
def test_every_beginning_of_an_address_waits_and_the_whole_does_not(name: str, host: str) -> None:
    """Spelled out before the "at"."""
    wanted = Expected(SlotKind.EMAIL)
    said = [*name, "at", host, "dot", "com"]
    for size in range(2, len(said)):
        assert DICTATION.completeness(" ".join(said[:size]), wanted) is Completeness.UNFINISHED
    assert DICTATION.completeness(" ".join(said), wanted) is Completeness.WHOLE


@given(said=st.text(max_size=120), prompt=st.sampled_from(list(TABLE)))
def test_nothing_that_is_heard_breaks_it(said: str, prompt: str) -> None:
    """Whatever the ear writes, there is an answer."""
    assert DICTATION.completeness(said, DICTATION.expected(prompt)) in Completeness


def test_it_costs_less_than_a_millisecond() -> None:
    """It is asked at every short silence: the median of texts it has not seen, long and short."""
    story = "I was wondering whether you could tell me about my order since my neighbour says it came on friday it is "
    took: list[float] = []
    for number in range(60):
        started = time.thread_time()
        DICTATION.completeness(f"{story if number % 2 else ''}four five {number}", DICTATION.expected(ORDER))
        took.append(time.thread_time() - started)
    assert median(took) < 0.001
