"""Twilio's webhooks and messages: what is believed, and what is read of anything that may come."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.telephony import twilio
from agent.telephony.twilio import Expected

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": ["CA1234567890ABCDE"],
    "Caller": ["+14158675309"],
    "Digits": ["1234"],
    "From": ["+14158675309"],
    "To": ["+18005551212"],
}
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="  # of the two, by the token 12345: the example of Twilio's own libraries
EXPECTED = Expected("CA1", "+15185550142", "+15185550100", "shop", until=100.0)
SECRET = "secret"


def test_twilios_own_example_is_signed_as_twilio_signs_it() -> None:
    """HMAC-SHA1 over the address and the sorted fields, in base64."""
    assert twilio.signature("12345", URL, FORM) == SIGNED
    assert twilio.is_signed("12345", URL, FORM, SIGNED)


@pytest.mark.parametrize(
    ("token", "url", "form", "shown"),
    [
        ("12346", URL, FORM, SIGNED),
        ("12345", URL + "&more=1", FORM, SIGNED),
        ("12345", URL, {**FORM, "From": ["+19995550100"]}, SIGNED),
        ("12345", URL, {**FORM, "More": ["1"]}, SIGNED),
        ("12345", URL, FORM, ""),
        ("12345", URL, FORM, "é"),
    ],
    ids=["token", "address", "field", "one more field", "no signature", "no ASCII"],
)
def test_a_forged_request_is_refused(token: str, url: str, form: dict[str, list[str]], shown: str) -> None:
    """Whatever of it was changed."""
    assert not twilio.is_signed(token, url, form, shown)


def test_a_ticket_is_believed_while_it_lasts() -> None:
    """It tells the whole call again."""
    ticket = EXPECTED.signed(SECRET)
    assert Expected.of(ticket, SECRET, now=99.0) == EXPECTED
    assert Expected.of(ticket, SECRET, now=101.0) is None


@given(st.text(max_size=400), st.integers(0, 400))
def test_no_other_ticket_is_believed(text: str, at: int) -> None:
    """Neither one that was changed anywhere, nor anything else, and nothing raises."""
    ticket = EXPECTED.signed(SECRET)
    changed = ticket[:at] + text + ticket[at + len(text) :]
    for one in (text, *((changed,) if changed != ticket else ())):
        assert Expected.of(one, SECRET, now=0.0) is None
    assert Expected.of(ticket, "other", now=0.0) is None


def test_twiml_is_xml_whatever_stands_in_it() -> None:
    """An ampersand in an address, marks in a sentence."""
    twiml = ET.fromstring(twilio.connect("wss://x/stream?a=1&b=2", "t\"<'", "https://x/voice?a=1&b=2"))  # noqa: S314
    stream, again = twiml.find("Connect/Stream"), twiml.find("Redirect")
    assert stream is not None and stream.attrib["url"] == "wss://x/stream?a=1&b=2"
    assert stream[0].attrib == {"name": "ticket", "value": "t\"<'"}
    assert again is not None and again.text == "https://x/voice?a=1&b=2"
    assert [one.tag for one in ET.fromstring(twilio.hang_up("Goodbye."))] == ["Say", "Hangup"]  # noqa: S314


START = {
    "event": "start",
    "start": {
        "streamSid": "MZ1",
        "callSid": "CA1",
        "customParameters": {"ticket": "x"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    },
}


def test_each_of_twilios_messages_is_read() -> None:
    """With the fields that nobody asked for, and numbers as text, as Twilio writes them."""
    lines = [
        {"event": "connected", "protocol": "Call", "version": "1.0.0"},
        {**START, "sequenceNumber": "1", "streamSid": "MZ1"},
        {"event": "media", "media": {"track": "inbound", "chunk": "2", "timestamp": "5", "payload": "/38="}},
        {"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": "#"}},
        {"event": "mark", "mark": {"name": "played-1"}},
        {"event": "stop", "stop": {"accountSid": "AC1", "callSid": "CA1"}},
    ]
    read = [twilio.read(json.dumps(line)) for line in lines]
    assert [type(one).__name__ for one in read] == ["Connected", "Start", "Media", "Dtmf", "Mark", "Stop"]
    assert isinstance(read[2], twilio.Media) and read[2].sound == b"\xff\x7f"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        "{}",
        '{"event": 7}',
        '{"event": "media"}',
        '{"event": "media", "media": {"track": "inbound", "chunk": "x", "payload": ""}}',
        '{"event": "media", "media": {"track": "inbound", "chunk": "1", "payload": 5}}',
        json.dumps({"event": "media", "media": {"track": "inbound", "chunk": 1, "payload": "A" * 100_000}}),
        '{"event": "dtmf", "dtmf": {"digit": "12"}}',
        '{"event": "mark", "mark": {"name": "' + "x" * 300 + '"}}',
        json.dumps(START).replace("8000", "16000"),
        json.dumps(START).replace("x-mulaw", "opus"),
        '{"event": "shutdown"}',
    ],
)
def test_anything_else_is_nothing(text: str) -> None:
    """Broken, hostile, or of a Twilio that is yet to come."""
    assert twilio.read(text) is None


@pytest.mark.parametrize(("track", "payload"), [("outbound", "/38="), ("inbound", "not base64"), ("inbound", "/3")])
def test_sound_that_is_not_the_callers_is_none(track: str, payload: str) -> None:
    """Our own voice coming back, or no sound at all."""
    line = {"event": "media", "media": {"track": track, "chunk": "1", "payload": payload}}
    message = twilio.read(json.dumps(line))
    assert isinstance(message, twilio.Media) and message.sound == b""
