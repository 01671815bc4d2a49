"""The page in a real Chromium, in a real room of a real livekit-server, with a scripted agent in the room."""

import asyncio
import json
import math
import re
import struct
import time
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from livekit import api

from agent.config import Settings
from agent.page.web import Page, listen
from evals.servers import LiveKit, free_port, livekit_config, start_livekit
from tests.fakes.calls import shop
from tests.frontend.conftest import Visit, run_node
from tests.frontend.stand_in import stand_in

pytestmark = [pytest.mark.needs("chromium", "node", "livekit-server"), pytest.mark.timeout(150)]

GREETING = "Hello, I am an automated agent. How can I help?"
QUESTION = "Where is my order four one seven three?"
ANSWER = "It was shipped on Monday."
FIGURES = {
    "turn": 1, "endpointing_ms": 300.0, "stt_ms": 110.0, "llm_ttft_ms": 60.0, "tts_ttfb_ms": 160.0, "e2e_ms": 400.0,
    "had_tools": False, "speech_ended_at": 1000.0, "spoke_at": 1000.4, "was_prepared": True, "prepared_ms": 180.0,
    "output_ms": 20.0, "opened_by_filler": False,
}  # fmt: skip


async def one_call(server: LiveKit) -> None:
    """Greet, hear a question in guesses, call a tool, answer, and end the call."""
    async with stand_in(server.url, server.key, server.secret) as agent:
        await asyncio.sleep(0.5)
        await agent.say(GREETING, seconds=0.8)
        await agent.hear("where is", "where is my odour", QUESTION)
        await agent.be("thinking")
        await agent.tell("tool_called", tool_call="t1", tool="lookup_order", arguments='{"order_number": "4173"}')
        await asyncio.sleep(0.7)  # so that the gap is longer than the worker's figures, as it is in a real call
        await agent.tell(
            "tool_returned", tool_call="t1", tool="lookup_order", outcome="ok", duration_ms=212.5, sentence="Shipped."
        )
        await agent.tell("cost_grew", stt_cents=0.1283, llm_cents=0.0172, tts_cents=0.2, total_cents=0.3455)
        await agent.say(ANSWER)
        await agent.tell("turn_ended", **FIGURES)
        await asyncio.sleep(4.0)
        await agent.tell("call_ended", reason="caller_goodbye", duration_s=9.0, turns=1)
        await asyncio.sleep(0.3)


async def write_back(server: LiveKit, *, messages: int = 1, late_s: float = 0.0) -> str:
    """Come `late_s` after the caller and answer written messages; gives them, a line each."""
    async with stand_in(server.url, server.key, server.secret, late_s=late_s) as agent:
        texts = [await asyncio.wait_for(agent.chats.get(), 30) for _ in range(messages)]
        await asyncio.sleep(0.3)
        await agent.say("I read you.")
        await asyncio.sleep(2.0)
        return "\n".join(texts)


async def be_stopped(server: LiveKit) -> None:
    """Take noise for words twice, once with a reminder in between; then be stopped in mid-answer."""
    async with stand_in(server.url, server.key, server.secret) as agent:
        await asyncio.sleep(0.5)
        await agent.say(GREETING)
        await agent.guess("the")
        await asyncio.sleep(7.0)
        await agent.guess("uh")
        await asyncio.sleep(0.3)
        await agent.say("Are you still there?")
        await agent.hear("where is", QUESTION)
        await asyncio.sleep(0.3)
        await agent.say(ANSWER)
        await agent.tell("interrupted", turn=1, words_heard=3)
        await asyncio.sleep(3.0)


async def answer_each(server: LiveKit, *answers: str) -> None:
    """Answer each message that is written with the next of these."""
    async with stand_in(server.url, server.key, server.secret) as agent:
        for text in answers:
            await asyncio.wait_for(agent.chats.get(), 30)
            await agent.say(text)
        await asyncio.sleep(3.0)


async def stay(server: LiveKit, seconds: float) -> None:
    """Be in the room for a while."""
    async with stand_in(server.url, server.key, server.secret):
        await asyncio.sleep(seconds)


def is_sound(look: dict[str, object]) -> bool:
    """No sideways scroll, no text outside, every control named and tall enough, every text readable."""
    assert look["overflow"] <= 0, look  # type: ignore[operator]  # a number from JSON
    assert look["wide"] == [], look
    assert look["nameless"] == [], look
    assert look["small"] == [], look
    assert look["weakest"][0] >= 4.5, look  # type: ignore[index]  # [contrast, text] from JSON
    return True


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (320, "dark")])
async def test_a_conversation_can_be_read_at_any_width_and_in_the_dark(
    livekit_server: LiveKit, page_url: str, visit: Visit, width: int, scheme: str
) -> None:
    """Captions of both sides stand in order, guesses are replaced, tools show, and the end is explained."""
    _, seen = await asyncio.gather(
        one_call(livekit_server), visit("conversation", page_url, width=width, height=760, scheme=scheme)
    )
    turns = seen["turns"]
    assert isinstance(turns, list)
    assert turns[0].startswith("line| Call began at")
    assert turns[1] == f"turn agent| Agent {GREETING}"
    assert turns[2] == f"turn caller| You {QUESTION}"
    assert turns[3].startswith("tool ok| Lookup order done, 213 ms order number 4173 Shipped.")
    assert ANSWER in turns[4]
    gap = re.search(r"after ([\d,]+) ms", turns[4])
    stages = seen["stages"]
    assert isinstance(stages, list)
    # Chromium's microphone beeps every second: how long before the answer it did so last is chance. A gap shorter than
    # the worker's figures cuts the bars at their beginning; tests/frontend/test_waterfall.py has the cases.
    if gap is None or int(gap[1].replace(",", "")) > 410:
        assert " s · heard 0.12 · waited 0.18 · voiced 0.04 · sent 0.06" in turns[4]
        assert stages[:4] == [
            ["Your words", "from 0.00 to 0.12", "0.12"],
            ["Silence waited for", "from 0.00 to 0.30", "0.30"],
            ["Decision", "from 0.12 to 0.18, prepared", "0.06"],
            ["First sound", "from 0.18 to 0.30, prepared; from 0.30 to 0.34", "0.16"],
        ]
    else:
        assert stages[-1][0] == "You heard it"
    assert turns[5] == "line end| The call ended with a goodbye."
    assert turns[6] == "line| It cost 0.35 ¢ by list prices: hearing 0.13 ¢, thinking 0.02 ¢, speaking 0.20 ¢."
    assert seen["cost"] == "0.35 ¢"
    assert len(turns) == 7, "a guess must not stay beside the final words"
    assert seen["announced"] == [f"Agent: {GREETING}", f"You: {QUESTION}", "Lookup order: done", f"Agent: {ANSWER}"]
    assert seen["again"] == "Call again"
    assert seen["errors"] == []
    for name in ("idle", "call", "waterfall", "settings", "end"):
        look = seen[name]
        assert isinstance(look, dict)
        assert is_sound(look)
        assert (sum(look["ground"]) < 150) == (scheme == "dark")


@pytest.mark.parametrize(("width", "scheme"), [(320, "light")])
async def test_guesses_that_come_to_nothing_go_and_a_cut_answer_shows_where(
    livekit_server: LiveKit, page_url: str, visit: Visit, width: int, scheme: str
) -> None:
    """A guess goes after five seconds; a later one under its name stands where it is said; unheard words are struck."""
    _, seen = await asyncio.gather(
        be_stopped(livekit_server), visit("guesses", page_url, width=width, height=760, scheme=scheme)
    )
    guess, gone, turns = seen["guess"], seen["gone"], seen["turns"]
    assert isinstance(guess, dict)
    assert isinstance(gone, dict)
    assert isinstance(turns, list)
    assert guess["texts"] == [f"Agent {GREETING}", "You the …"] or guess["texts"] == [f"Agent {GREETING}", "You the"]
    assert gone["texts"] == [f"Agent {GREETING}"]
    assert 3_500 < gone["ms"] < 7_000
    assert [turn.split()[0] for turn in turns] == ["Agent", "Agent", "You", "Agent"]
    assert turns[1].endswith("Are you still there?")
    assert turns[2] == f"You {QUESTION}"
    assert f"{ANSWER} stopped here, because you spoke" in turns[3]
    assert seen["unheard"] == "on Monday."
    layout = seen["layout"]
    assert isinstance(layout, dict)
    assert is_sound(layout)


async def test_nobody_answers_within_ten_seconds(page_url: str, visit: Visit) -> None:
    """Without an agent the page says so after ten seconds, lets the caller leave, and keeps what was written."""
    seen = await visit("alone", page_url, width=320)
    came = seen["came"]
    assert isinstance(came, dict)
    assert came["text"].startswith("Nobody answered: no agent came within 10 seconds.")
    assert 9_500 < came["at"] - float(str(seen["joined_at"])) < 25_000
    assert seen["end"] == "You left the call."
    assert seen["unsent"] == ["What you wrote was not sent: nobody was there to read it.", "is anybody there?"]
    assert seen["errors"] == []


async def test_an_absent_livekit_is_named(serve_page: Callable[[str], Awaitable[str]], visit: Visit) -> None:
    """When LiveKit is down the page says that it is the call server, not the page."""
    seen = await visit("away", await serve_page(f"ws://127.0.0.1:{free_port()}"), width=360)
    assert "The call server is away." in str(seen["came"])
    assert (seen["phase"], seen["action"]) == ("idle", "Try again")
    layout = seen["layout"]
    assert isinstance(layout, dict)
    assert is_sound(layout)


async def test_an_absent_page_server_is_named(page_url: str, visit: Visit) -> None:
    """When the page's own server went away since it was loaded, the page says that."""
    assert "This page's server does not answer." in str((await visit("orphaned", page_url))["came"])


async def test_a_caller_chooses_among_several_profiles(serve_page: Callable[..., Awaitable[str]], visit: Visit) -> None:
    """The page takes its name, the browser remembers it, and the token is asked for it."""
    other = shop().model_copy(update={"name": "other", "title": "Another desk"})
    seen = await visit("choose", await serve_page(f"ws://127.0.0.1:{free_port()}", other), width=320)
    assert seen["titles"] == ["Another desk", "Another desk"]
    assert seen["asked"] == {"profile": "other"}
    layout = seen["layout"]
    assert isinstance(layout, dict)
    assert is_sound(layout)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotAllowedError", "The browser was told not to share your microphone. Allow the microphone"),
        ("NotFoundError", "No microphone was found. Plug one in"),
        ("NotReadableError", "another program is using it. Close the other call"),
    ],
)
async def test_a_refused_microphone_is_explained_and_writing_works(
    livekit_server: LiveKit, page_url: str, visit: Visit, error: str, words: str
) -> None:
    """Each refusal has its own words and cure; the caller can go on in writing and is answered."""
    text, seen = await asyncio.gather(write_back(livekit_server), visit("refused", page_url, error=error))
    assert words in str(seen["came"])
    assert seen["focused"] == "Try again"
    assert text == seen["typed"] == "hello in writing"
    assert seen["mute"] == "Talk"
    gap = str(seen["gap"])
    assert 250 < int(gap.removeprefix("after ").removesuffix(" ms")) < 10_000


@pytest.mark.parametrize("error", ["NotFoundError", "NotAllowedError"])
async def test_a_microphone_that_ends_is_heard_again_or_said_to_be_gone(
    livekit_server: LiveKit, page_url: str, visit: Visit, error: str
) -> None:
    """Unplugged with another one there, then the last one or the permission gone, then back: the meter, the gap and the
    mute button follow each time."""
    answering = asyncio.create_task(answer_again_and_again(livekit_server))
    seen = await visit("unplugged", page_url, width=320, error=error)
    answering.cancel()
    before, restarted, lost, back = (float(level) for level in seen["loudest"])  # type: ignore[attr-defined]  # JSON
    assert min(before, restarted, back) > 0.2
    assert lost == 0
    assert "Your microphone went away." in str(seen["lost"])
    assert {"NotFoundError": "No microphone was found.", "NotAllowedError": "was told not to share"}[error] in str(
        seen["again"]
    )
    assert (seen["muted"], seen["open"]) == ("true", "false")
    layout = seen["layout"]
    assert isinstance(layout, dict)
    assert is_sound(layout)
    assert seen["errors"] == []


async def test_another_microphone_that_is_chosen_in_the_call_moves_the_meter(
    livekit_server: LiveKit, page_url: str, visit: Visit
) -> None:
    """Under Sound; the new device's sound is what the page hears from then on."""
    _, seen = await asyncio.gather(stay(livekit_server, 12), visit("chosen", page_url))
    assert seen["others"] != 0
    assert seen["loudest"][0] > 0.2  # type: ignore[index]  # a list from JSON
    assert seen["errors"] == []


async def answer_again_and_again(server: LiveKit) -> None:
    """Until it is cancelled, never twice at the same place between two beeps of Chromium's microphone."""
    async with stand_in(server.url, server.key, server.secret) as agent:
        while True:
            await asyncio.sleep(2.3)
            await agent.say(ANSWER, seconds=0.4)


async def test_without_a_network_the_page_says_so_at_once(
    serve_page: Callable[..., Awaitable[str]], visit: Visit
) -> None:
    """Not that a firewall blocks it, after twelve seconds."""
    url = await serve_page(f"ws://127.0.0.1:{free_port()}", has_network=lambda: False)
    seen = await visit("away", url, width=360)
    came = seen["came"]
    assert isinstance(came, dict)
    assert came["text"].startswith("No call gets through here. This machine has no network besides loopback")
    assert seen["ms"] < 2_000  # type: ignore[operator]  # a number from JSON
    layout = seen["layout"]
    assert isinstance(layout, dict)
    assert is_sound(layout)
    errors = seen["errors"]
    assert isinstance(errors, list)
    assert [error for error in errors if "503" not in error] == []  # the browser's own line of the refusal


@pytest.mark.parametrize(("width", "scheme"), [(1100, "light"), (320, "dark")])
async def test_each_side_s_words_run_the_way_their_script_does(
    livekit_server: LiveKit, page_url: str, visit: Visit, width: int, scheme: str
) -> None:
    """Arabic from the right, English from the left, in what is written as in what is answered."""
    arabic, sorry = "أين طلبي رقم 4571؟", "عذرًا، أتحدث الإنجليزية فقط. \u2066Sorry, I only speak English.\u2069"
    shipped = "Order 4571 was shipped with UPS, tracking number ending in 482."
    _, seen = await asyncio.gather(
        answer_each(livekit_server, sorry, shipped),
        visit("languages", page_url, width=width, height=640, scheme=scheme, text=arabic),
    )
    english = "Where is my order 4571?"
    assert seen["ways"] == [[arabic, "rtl"], [sorry, "rtl"], [english, "ltr"], [shipped, "ltr"]]
    layout = seen["layout"]
    assert isinstance(layout, dict)
    assert is_sound(layout)


async def test_what_is_written_before_the_agent_came_waits_for_it(
    livekit_server: LiveKit, page_url: str, visit: Visit
) -> None:
    """The room would deliver it to nobody; in its order it reaches who comes two seconds later."""
    text, seen = await asyncio.gather(
        write_back(livekit_server, messages=2, late_s=2.0), visit("early", page_url, width=360)
    )
    assert text == "are you there?\nwhere is my order?"
    assert seen == {"waited": "waiting", "errors": []}


async def press_back(server: LiveKit) -> str:
    """Wait for the pound key, and answer; gives the keys."""
    async with stand_in(server.url, server.key, server.secret) as agent:
        async with asyncio.timeout(30):
            while not agent.keys.endswith("#"):  # noqa: ASYNC110  # a scripted agent
                await asyncio.sleep(0.05)
        await agent.say("I got your number.")
        await asyncio.sleep(1.0)
        return agent.keys


async def test_keys_of_the_page_reach_the_agent_as_a_telephones_do(
    livekit_server: LiveKit, page_url: str, visit: Visit
) -> None:
    """Pressed by mouse, and typed while the keypad has the focus; it fits the page."""
    keys, seen = await asyncio.gather(press_back(livekit_server), visit("keyed", page_url, width=360))
    assert keys == "4571#"
    assert seen["expanded"] == "true" and is_sound(seen["layout"])  # type: ignore[arg-type]  # an object from JSON


async def test_a_call_needs_no_mouse(livekit_server: LiveKit, page_url: str, visit: Visit) -> None:
    """Talk, write, mute and leave by keyboard; focus is always visible and never lost."""
    text, seen = await asyncio.gather(write_back(livekit_server), visit("keyboard", page_url))
    assert text == "typed by keyboard"
    focus = seen["focus"]
    assert isinstance(focus, list)
    # BODY stands for the browser's own controls, between the last of the page's and the first.
    assert {step["at"] for step in focus if step["ring"] == "none"} <= {"BODY"}
    assert seen["after"] == "talk"


async def nothing() -> None:
    """Nobody else dies."""


async def fall_silent(
    server: LiveKit, seconds: float, also: Callable[[], Awaitable[None]] = nothing
) -> tuple[float, int]:
    """Be there, answer nothing for a while, then live again: when that began, and how often an agent was sent for."""
    async with stand_in(server.url, server.key, server.secret) as agent:
        await asyncio.sleep(2.5)
        agent.lives.clear()
        silent_at = time.time()
        await also()
        await asyncio.sleep(seconds)
        agent.lives.set()
        async with api.LiveKitAPI(server.url, server.key, server.secret) as livekit:
            sent = len(await livekit.agent_dispatch.list_dispatch(agent.room.name))
        await asyncio.sleep(4.0)
        return silent_at, sent


async def test_an_agent_that_does_not_answer_is_missed_and_another_sent_for(
    livekit_server: LiveKit, page_url: str, visit: Visit
) -> None:
    """Long before the server notices; and when it lives after all, the call goes on."""
    (silent_at, sent), seen = await asyncio.gather(
        fall_silent(livekit_server, 12.0), visit("forsaken", page_url, until="back", width=360)
    )
    assert "The agent does not answer any more." in str(seen["lost"])
    missed_s = float(str(seen["lostAt"])) / 1000 - silent_at
    assert missed_s < 6.0, missed_s  # 2 to 3 s where the machine has time
    assert sent >= 2  # with the one in the token
    assert is_sound(seen["layout"])  # type: ignore[arg-type]  # an object from JSON


async def test_a_call_that_nobody_can_go_on_with_ends_in_a_sentence(livekit_server: LiveKit, visit: Visit) -> None:
    """The agent is dead and so is the page's server, as when `make run` ends everything: nobody waits for ever."""
    settings = Settings.model_validate({"LIVEKIT_URL": livekit_server.url, "web_port": 0})
    runner = await listen(Page(settings, shop()), settings)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"

    (silent_at, _), seen = await asyncio.gather(
        fall_silent(livekit_server, 9.0, runner.cleanup), visit("forsaken", url, until="over")
    )
    assert seen["status"] == "The agent broke down, and nobody could go on with your call. That was not your doing."
    assert float(str(seen["overAt"])) / 1000 - silent_at < 9.0


async def test_a_lost_connection_is_said_and_so_is_its_return(
    tmp_path: Path, serve_page: Callable[[str], Awaitable[str]], visit: Visit
) -> None:
    """The call server dies in mid-call and comes back: the page says both, and the call goes on."""
    config, port = livekit_config(tmp_path)
    server = LiveKit(f"ws://127.0.0.1:{port}", "devkey", "secret", config, tmp_path / "livekit-server.log")
    process = start_livekit(config, server.log, port)
    try:
        seeing = asyncio.create_task(visit("lost", await serve_page(server.url)))
        async with stand_in(server.url, server.key, server.secret):
            await asyncio.sleep(2.5)
            process.kill()
            process.wait()
            await asyncio.sleep(2)
            process = start_livekit(config, server.log, port)
            seen = await seeing
    finally:
        process.kill()
        process.wait()
    assert "The connection was lost." in str(seen["lost"])
    assert seen["found"] == "The connection is back."


async def test_talk_hears_what_the_page_plays_and_measures_the_gap(
    livekit_server: LiveKit, page_url: str, tmp_path: Path
) -> None:
    """talk.mjs speaks on cue and records; the gap that the page shows is the gap on the recording, within 40 ms."""
    question = tmp_path / "question.wav"
    write_tone(question, seconds=1.0)
    out = tmp_path / "talk"
    arguments = ["--url", page_url, "--out", str(out), "--ask", str(question), "--seconds", "25"]
    await asyncio.gather(one_answer(livekit_server), run_node("talk.mjs", *arguments))
    result = json.loads((out / "result.json").read_text())
    assert [caption["who"] for caption in result["captions"]] == ["agent", "caller", "agent"]
    assert result["errors"] == []
    [gap] = result["gaps"]
    assert not gap["is_overlap"]
    assert abs(gap["gap_ms"] - recorded_gap_ms(out / "call.wav")) < 40


async def one_answer(server: LiveKit) -> None:
    """Greet, give the script time to speak its question, and answer it."""
    async with stand_in(server.url, server.key, server.secret) as agent:
        await asyncio.sleep(0.5)
        await agent.say(GREETING, seconds=0.8)
        await asyncio.sleep(3.2)
        await agent.hear(QUESTION)
        await agent.say(ANSWER, seconds=1.0)
        await asyncio.sleep(5.0)


def write_tone(path: Path, *, seconds: float, rate: int = 16_000) -> None:
    """A hum that stands for speech, at another rate than the browser's."""
    samples = (int(12_000 * math.sin(2 * math.pi * 220 * n / rate)) for n in range(int(rate * seconds)))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def recorded_gap_ms(path: Path) -> float:
    """From the last loud millisecond on the left to the first loud one on the right after it."""
    with wave.open(str(path)) as file:
        rate, frames = file.getframerate(), file.readframes(file.getnframes())
    pairs = struct.unpack(f"<{len(frames) // 2}h", frames)
    step = rate // 1000
    left = [max(map(abs, pairs[n : n + 2 * step : 2])) > 400 for n in range(0, len(pairs) - 2 * step, 2 * step)]
    right = [max(map(abs, pairs[n + 1 : n + 2 * step : 2])) > 400 for n in range(0, len(pairs) - 2 * step, 2 * step)]
    ended = max(n for n, is_loud in enumerate(left) if is_loud)
    return next(n for n, is_loud in enumerate(right) if is_loud and n > ended) - ended
