"""Who has picked up, by what strangers and their machines say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.rules.answering import Heard, Who, asks_to_wait, judge, machine

PEOPLE = """
Hello?
Yeah, hi.
This is John.
Good morning, Acme Plumbing, this is Dave speaking, how can I help you?
Martinez residence.
Who is this?
Who's calling, please?
She's not available right now, can I take a message?
He's in a meeting, may I ask who's calling and what it's about?
Smith and Sons, Karen speaking.
Hello, hello, can you hear me?
Front desk, please hold.
Did you get my message?
I'm driving, what's up?
Yes, speaking.
You've reached the right person, go ahead.
"""
VOICEMAILS = """
Hi, you've reached John. I can't come to the phone right now, so please leave a message.
Hey it's Maria, leave me a message and I'll get back to you as soon as I can.
Your call has been forwarded to an automated voice messaging system.
Please leave your name and number after the tone.
The person you are calling is not available. At the tone, please record your message.
You have reached the voicemail box of five one eight, five five five.
We're unable to take your call at the moment.
I'm away from my desk; after the beep, tell me who you are and I'll return your call when I'm back.
The subscriber you have dialed is not in service at this time, switched off or busy.
Sorry we missed you! Leave your details and we will call you back shortly.
The mailbox is full and cannot accept any messages at this time.
"""
SCREENERS = """
Hi, if you record your name and reason for calling, I'll see if this person is available.
The person you're calling is using a screening service. Go ahead and say your name, and why you're calling.
Please state your name and the purpose of your call.
Hello, I'm the call assistant. May I know what this is about?
Before I try to connect you, please say your name and why you're calling.
Thanks for calling. Please say who you are and why you are calling.
Stay your name and the reason for your call.
"""
MENUS = """
Thank you for calling Acme. For sales, press 1. For service, press 2.
Press one for English.
To speak to an operator, dial zero.
Please listen carefully as our options have changed.
If you know the extension of the person you are trying to reach, enter it now.
For billing, say billing, or press 3.
In a few words, please tell me how I can help you.
Welcome to the main menu.
"""


@pytest.mark.parametrize("words", PEOPLE.strip().splitlines())
def test_a_person_is_no_machine(words: str) -> None:
    """Not even one who speaks of messages."""
    assert machine(words) is None


@pytest.mark.parametrize(
    ("who", "words"),
    [
        *((Who.VOICEMAIL, line) for line in VOICEMAILS.strip().splitlines()),
        *((Who.SCREENER, line) for line in SCREENERS.strip().splitlines()),
        *((Who.MENU, line) for line in MENUS.strip().splitlines()),
    ],
)
def test_a_machine_is_known_by_its_words(who: Who, words: str) -> None:
    """In spellings that an ear makes of them."""
    assert machine(words) is who
    assert judge(Heard(words=words, spoke_s=4.0, silent_s=0.7, since_s=6.0)) is who


@pytest.mark.parametrize(
    ("heard", "who"),
    [
        (Heard(since_s=3.9), None),
        (Heard(since_s=4.1), Who.NOBODY),
        (Heard(words="Hello?", spoke_s=0.5, silent_s=0.3, since_s=2.0), None),
        (Heard(words="Hello?", spoke_s=0.5, silent_s=0.7, since_s=2.0), Who.PERSON),
        (Heard(spoke_s=0.5, silent_s=2.0, since_s=3.0), None),
        (Heard(spoke_s=0.5, silent_s=2.6, since_s=4.0), Who.PERSON),
        (Heard(spoke_s=9.0, silent_s=2.7, since_s=12.0), None),
        (Heard(spoke_s=9.0, silent_s=0.2, since_s=12.0, has_beeped=True), Who.VOICEMAIL),
        (Heard(spoke_s=0.0, silent_s=0.2, since_s=1.0, has_beeped=True), None),
        (Heard(has_fax=True), Who.FAX),
        (Heard(was_asked_to_wait=True, silent_s=20.0, since_s=20.0), None),
        (Heard(was_asked_to_wait=True, silent_s=46.0, since_s=46.0), Who.NOBODY),
        (Heard(words="For sales, press 1.", spoke_s=3.0, silent_s=0.1, since_s=9.0), None),
    ],
)
def test_time_and_tones_decide_where_words_do_not(heard: Heard, who: Who | None) -> None:
    """A short greeting and a pause is a person; a long one and a beep is none; who asks to wait will be back."""
    assert judge(heard) is who


@pytest.mark.parametrize(
    ("words", "waits"),
    [("Please hold.", True), ("Stay on the line while I connect you.", True), ("Let me see if she's in.", True),
     ("Hold on.", True), ("Hello?", False), ("I can't hold it.", False), ("What is it about?", False)],
)  # fmt: skip
def test_who_asks_to_wait_is_waited_for(words: str, waits: bool) -> None:
    """A screener, or a person who fetches another."""
    assert asks_to_wait(words) is waits


@given(st.text(max_size=60), st.floats(0, 60), st.floats(0, 60), st.floats(0, 60), st.booleans())
def test_anything_is_judged_in_the_end(words: str, spoke_s: float, silent_s: float, since_s: float, beep: bool) -> None:
    """Whatever was said, after a long silence somebody is there."""
    judge(Heard(words=words, spoke_s=spoke_s, silent_s=silent_s, since_s=since_s, has_beeped=beep))
    assert judge(Heard(words=words, spoke_s=spoke_s, silent_s=10.0, since_s=60.0, has_beeped=beep)) is not None
