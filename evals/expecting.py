"""Whether a scenario came true: pure judgements over what was said, called and written. A failure is one sentence."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.events import EndReason
from agent.profile.profile import Profile
from agent.providers.catalog import pronunciation_of
from agent.rules.readback import DIGITS
from evals.records import Row, Snapshot, fits, plain
from evals.scenario import SENTENCE, Call, Phrase, Rows, Said, Script

_DIGITS = re.compile(r"\d+")
# "order 457" is no part of "order four five seven one"
_NO_DIGIT_BEFORE = "".join(rf"(?<!\b{digit} )" for digit in DIGITS)
_NO_DIGIT_AFTER = rf"(?! (?:{'|'.join(DIGITS)})\b)"


@dataclass(frozen=True, slots=True)
class Made:
    """A tool call that was made."""

    tool: str
    arguments: Mapping[str, object]

    def __str__(self) -> str:
        return f"{self.tool}({', '.join(f'{name}={value}' for name, value in self.arguments.items())})"


@dataclass(frozen=True, slots=True)
class Played:
    """A turn as it went: the caller's words ("" where nothing was said), the agent's reply, the tools between them."""

    words: str
    reply: str
    calls: tuple[Made, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call as it went. `ended` is None while the caller could still talk on."""

    turns: tuple[Played, ...]
    before: Snapshot = field(default_factory=dict)
    after: Snapshot = field(default_factory=dict)
    ended: EndReason | None = None
    flags: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def failures(script: Script, went: Outcome, profile: Profile) -> list[str]:
    """Everything that is not as the scenario says; empty when it passed."""
    found = list(went.problems)
    for number, (turn, played) in enumerate(zip(script.scenario.turns, went.turns, strict=False), 1):
        wrong = [*_wrongly_said(turn, played.reply, profile), *_wrongly_called(turn.calls, played.calls)]
        found += [f"turn {number}: {reason}" for reason in wrong]
        if not played.reply.strip():
            found.append(f"turn {number}: the caller hears nothing")
    everything = " ".join(played.reply for played in went.turns)
    found += _wrongly_said(script.scenario, everything, profile)
    return found + list(_wrong_overall(script, went)) + list(wrong_rows(script, went, profile))


def lasting(script: Script, went: Outcome, profile: Profile) -> list[str]:
    """Of what is not as the scenario says, what outlasts the call, whoever thought and in what words: it broke off, did
    not end as it should, or left the database in another state."""
    return [*went.problems, *_wrong_end(script, went), *wrong_rows(script, went, profile)]


def _wrongly_said(expected: Said, heard: str, profile: Profile) -> Iterator[str]:
    for phrase in expected.said:
        if not any(holds(heard, text, profile) for text in _texts(phrase)):
            yield f"“{' | '.join(_texts(phrase))}” was not said"
    for text in expected.never:
        if holds(heard, text, profile):
            yield f"“{text}” was said"


def holds(heard: str, phrase: str, profile: Profile) -> bool:
    """Whether these words were heard, whatever their case and punctuation, and whether either side is written ("5:30
    PM", "order 4571") or spoken ("five thirty P M"). `sentences.NAME` is the profile's."""
    if phrase.startswith(SENTENCE):
        sentences = profile.sentences
        text = str(getattr(sentences, phrase.removeprefix(SENTENCE)))
        phrase = text.format(help=sentences.help, human=sentences.human)
    pronounce = pronunciation_of(profile).spoken
    wanted = {_loose(phrase), _loose(pronounce(phrase)), _loose(pronounce(_DIGITS.sub(_one_by_one, phrase)))}
    alone = "|".join(map(re.escape, filter(None, wanted))) or r"(?!)"
    before = _NO_DIGIT_BEFORE if phrase[:1].isdecimal() else ""
    after = _NO_DIGIT_AFTER if phrase[-1:].isdecimal() else ""
    found = re.compile(rf"(?<!\S){before}(?:{alone})(?!\S){after}")
    return any(found.search(said) for said in (_loose(heard), _loose(pronounce(heard))))


def _one_by_one(digits: re.Match[str]) -> str:
    return " ".join(digits[0])


def _texts(phrase: Phrase) -> tuple[str, ...]:
    return (phrase,) if isinstance(phrase, str) else phrase


def _loose(text: str) -> str:
    plain = re.sub("['\u2019]", "", text.lower()).replace("o clock", "oclock")
    return " ".join(re.findall(r"[^\W_]+", plain))


def _wrongly_called(expected: Sequence[Call] | None, made: Sequence[Made]) -> Iterator[str]:
    """These calls in any order and no others; None expects nothing."""
    if expected is None:
        return
    left = list(made)
    for call in expected:
        found = next((one for one in left if _is(one, call)), None)
        if found is None:
            yield f"{_written(call)} was not called"
        else:
            left.remove(found)
    for one in left:
        yield f"{one} was called"


def _wrong_overall(script: Script, went: Outcome) -> Iterator[str]:
    made = [call for turn in went.turns for call in turn.calls]
    left = list(made)
    for call in script.scenario.calls:
        found = next((one for one in left if _is(one, call)), None)
        if found is None:
            yield f"{_written(call)} was not called"
        else:
            left.remove(found)
    for tool in script.scenario.never_calls:
        if any(one.tool == tool for one in made):
            yield f"{tool} was called"
    for flag in script.scenario.flags:
        if flag not in went.flags:
            yield f"the flag {flag} was not raised"
    yield from _wrong_end(script, went)


def _wrong_end(script: Script, went: Outcome) -> Iterator[str]:
    if script.scenario.ends and script.scenario.ends is not went.ended:
        yield f"the call ended as {went.ended.value if went.ended else 'nothing: it goes on'}"


def _is(made: Made, call: Call) -> bool:
    given = made.arguments
    return made.tool == call.tool and all(
        name in given and _same(given[name], value) for name, value in call.arguments.items()
    )


def _same(given: object, expected: object) -> bool:
    if isinstance(expected, dict | list):
        return json.dumps(given, default=str, sort_keys=True) == json.dumps(expected, default=str, sort_keys=True)
    return given == expected or str(given).strip().lower() == str(expected).strip().lower()


def _written(call: Call) -> str:
    return str(Made(call.tool, call.arguments))


def wrong_rows(script: Script, went: Outcome, profile: Profile) -> Iterator[str]:
    """What the database should not look like: a row missing or too many, and whatever changed without being named."""
    for rows in script.scenario.database:
        yield from _wrong(rows, went, profile)
    named = {rows.table for rows in script.scenario.database if not rows.unchanged} | script.may_change
    for table in went.after:
        if table not in named and went.before.get(table, ()) != went.after[table]:
            yield f"{table} changed: {_difference(went.before.get(table, ()), went.after[table], profile)}"


def _wrong(rows: Rows, went: Outcome, profile: Profile) -> Iterator[str]:
    found = _chosen(went.after.get(rows.table, ()), rows.where, profile)
    which = f"{rows.table} where {_shown(rows.where, profile)}" if rows.where else rows.table
    if rows.unchanged:
        before = _chosen(went.before.get(rows.table, ()), rows.where, profile)
        if before != found:
            yield f"{which} changed: {_difference(before, found, profile)}"
        return
    wanted = 1 if rows.count is None else rows.count
    if len(found) != wanted:
        yield f"{which}: {len(found)} rows instead of {wanted}"
    for row in found:
        for name, value in rows.values.items():
            if not fits(row[name], value, profile.zone):
                yield f"{which}: {name} {plain(row[name], profile.zone)} instead of {plain(value, profile.zone)}"


def _chosen(rows: Sequence[Row], where: Mapping[str, object], profile: Profile) -> list[Row]:
    return [row for row in rows if all(fits(row[name], value, profile.zone) for name, value in where.items())]


def _difference(before: Sequence[Row], now: Sequence[Row], profile: Profile) -> str:
    """The first row that is new or gone."""
    for text, rows, others in (("new", now, before), ("gone", before, now)):
        for row in rows:
            if row not in others:
                return f"{text} is {_shown(row, profile)}"
    return "the order of its rows"


def _shown(row: Mapping[str, object], profile: Profile) -> str:
    return ", ".join(f"{name} {plain(value, profile.zone)}" for name, value in row.items())
