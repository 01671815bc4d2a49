"""Days and times read by Duckling, Facebook's parser, which comes native in the wheel pyduckling-native-phihos.

Duckling answers with the next three times that a phrase may mean. Where they are a day apart, no day was named; where
one is before and one after noon, neither was said.
"""

import ctypes
import re
import signal
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from itertools import pairwise
from typing import Any  # Any: the wheel has no types, and its answers are JSON

from agent.language.moments import Moment
from agent.language.packs import ENGLISH, pack

NAME = "Duckling"
_THIS = "this"  # "this Friday", on a Friday, is today
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTSTP)
_SIGACTION_BYTES = 256  # more than the struct has on any system
_MORE = re.compile(r"\d[ -]\||\|[ -]\d")
_PART_OF_DAY = re.compile(r"\b(?:morning|afternoon|evening|night)\b", re.IGNORECASE)
_PIECE = re.compile(r"\d[:.,/-]?$")  # "4:30 in the evening" is no 30
_GOES_ON = re.compile(r":\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{2,3})+\b")
_TO = re.compile(r"\b(?:to|till|until|through)\b|\d ?- ?\d", re.IGNORECASE)
_BETWEEN_RANGES = re.compile(
    r"(?:[,;]|(?<=\w) (?:and|or)\b)(?=[^,;]*(?:\b(?:to|till|until|through)\b|\d ?- ?\d))", re.IGNORECASE
)
_STOPS = re.compile(r"[,;.?!]\s")
_RANGES = {"week": 7, "month": 31}  # days at most; no day of them was named


@contextmanager
def _own_signals() -> Iterator[None]:
    """Haskell's runtime takes Ctrl-C and its like for itself as it starts, from any thread: they are given back."""
    libc = ctypes.CDLL(None)
    kept = {number: ctypes.create_string_buffer(_SIGACTION_BYTES) for number in _SIGNALS}
    for number, action in kept.items():
        libc.sigaction(number, None, action)
    try:
        yield
    finally:
        for number, action in kept.items():
            libc.sigaction(number, action, None)


@dataclass(frozen=True, slots=True)
class _Native:
    """The library, loaded once a process: some 0.3 s and 10 MB of its own."""

    module: Any
    zones: Any
    locales: tuple[Any, Any]  # English ones: month first, day first
    dimensions: Any

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls) -> "_Native":
        with _own_signals():
            module = import_module("duckling")
        english = module.default_locale_lang(module.parse_lang("EN"))
        locales = (module.parse_locale("EN_US", english), module.parse_locale("EN_GB", english))
        # UTC alone: a caller's day and hour are those of the wall clock, and the whole database takes 0.2 s
        zones = module.load_time_zones(str(files("tzdata") / "zoneinfo" / "Etc"))
        return cls(module, zones, locales, module.parse_dimensions(["time", "duration"]))

    def parse(self, text: str, at: datetime, *, is_day_first: bool, language: str = ENGLISH) -> list[dict[str, Any]]:
        """Duckling's answers, latent ones too; `at` is naive."""
        seconds = int((at - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001  # both are naive wall clocks
        locale = self.locales[int(is_day_first)] if language == ENGLISH else self._locale_of(language)
        context = self.module.Context(self.module.parse_ref_time(self.zones, "UTC", seconds), locale)
        found: list[dict[str, Any]] = self.module.parse(text, context, self.dimensions, True)
        return found

    def _locale_of(self, language: str) -> Any:
        return self.module.default_locale_lang(self.module.parse_lang(language.upper()))


def read(text: str, today: date, *, is_day_first: bool = False, language: str = ENGLISH) -> tuple[Moment, ...]:
    """The moments in the order said, none inside another."""
    if language != ENGLISH:
        return _read_in(language, text, today)
    found: list[Moment] = []
    for moment in _read(text, today, is_day_first):
        head, rest = _beheaded(moment, text, today, is_day_first)
        found += [head] if head else []
        found.append(_agreed(rest, text, today, is_day_first))
    return _joined(found, text, today)


def _read_in(language: str, text: str, today: date) -> tuple[Moment, ...]:
    """In another language than English, as Duckling has it: what is mended for English below is not."""
    native, plain = _Native.load(), text.replace("\0", " ")
    found: list[Moment] = []
    cuts = [match.end() for match in _STOPS.finditer(plain)] if len(pack(language).to_words.findall(plain)) > 1 else []
    for begins, ends in pairwise((0, *cuts, len(plain))):
        for one in native.parse(
            plain[begins:ends], datetime.combine(today, time()), is_day_first=True, language=language
        ):
            start, end = one["start"] + begins, one["end"] + begins
            moment = _moment(_Value.of(one["value"]), today) if one["dim"] == "time" else None
            if moment is not None and not _is_piece(plain, start, end):
                is_bare = bool(one["latent"]) and not moment.has_day
                found.append(replace(moment, start=start, end=end, is_bare=is_bare))
    return _apart(found)


def _joined(found: Sequence[Moment], text: str, today: date) -> tuple[Moment, ...]:
    """ "Four" and "in the evening", "in the morning" and "11" are one moment where nothing stands between them."""
    joined: list[Moment] = []
    for moment in found:
        before = joined[-1] if joined else None
        if before and not text[before.end : moment.start].strip():
            if day := _nth_of(before, moment, text, today):
                joined[-1] = replace(moment, start=before.start, day=day, days=None)
                continue
            part, clock = (before, moment) if before.since and not before.at else (moment, before)
            if part.since and not part.at and clock.at and not clock.has_day:
                at = clock.at[-1 if part.since >= "12:00" else 0]
                joined[-1] = replace(
                    part, start=before.start, end=moment.end, at=(at,), since="", until="", is_bare=False
                )
                continue
        joined.append(moment)
    return tuple(joined)


def _nth_of(number: Moment, month: Moment, text: str, today: date) -> date | None:
    """The day of "1 December", which Duckling takes for an hour and a whole month; it knows "December 1"."""
    said = text[number.start : number.end]
    if not (number.is_bare and said.isdigit() and month.days and month.day is None):
        return None
    turned = _read(f"{text[month.start : month.end]} {said}", today, False)
    return turned[0].day if len(turned) == 1 else None


@lru_cache(maxsize=4096)
def _read(text: str, today: date, is_day_first: bool) -> tuple[Moment, ...]:  # a key of the cache
    native, plain = _Native.load(), _readable(text)
    found: list[Moment] = []
    at = datetime.combine(today, time())
    for begins, piece in _pieces(plain):
        for one in native.parse(piece, at, is_day_first=is_day_first):
            found += _found(one, begins, plain, today, is_day_first)
    return _apart(found)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text, or its parts where it has several ranges: of three in a row, opening hours for example, Duckling weighs
    every way in which they may belong together, which takes minutes."""
    cuts = [match.start() for match in _BETWEEN_RANGES.finditer(text)] if len(_TO.findall(text)) > 1 else []
    for start, end in pairwise((0, *cuts, len(text))):
        yield start, text[start:end]


def _found(one: dict[str, Any], begins: int, plain: str, today: date, is_day_first: bool) -> list[Moment]:
    """One of Duckling's answers, about a part of the text that begins there."""
    start, end = one["start"] + begins, one["end"] + begins
    if one["dim"] != "time" or _is_piece(plain, start, end):
        return []
    if _is_until(one["value"]):  # "by six", which Duckling takes for the morning: six is read by itself
        rest = start + plain[start:end].find(" ") + 1
        shorter = _read(plain[rest:end], today, is_day_first)
        return [replace(each, start=each.start + rest, end=each.end + rest, is_bare=False) for each in shorter]
    moment = _moment(_Value.of(one["value"]), today)
    if moment is None:
        return []
    is_named = moment.has_day or bool(_PART_OF_DAY.search(plain[start:end]))  # "the evening 7" is no bare seven
    return [replace(moment, start=start, end=end, is_bare=bool(one["latent"]) and not is_named)]


def _is_piece(text: str, start: int, end: int) -> bool:
    """True inside a longer number: "30 in the evening" of 4:30, "6 4 50" of a telephone number."""
    is_figures = not re.search(r"[a-z]", text[start:end], re.IGNORECASE)
    is_cut = text[end - 1 : end].isdigit() and bool(_GOES_ON.match(text[end:]))  # "the 8" of "the 8:30 one"
    return (
        is_cut
        or bool(_PIECE.search(text[:start]))
        or (is_figures and bool(_MORE.search(f"{text[:start]}|{text[end:]}")))
    )


def _is_until(value: dict[str, Any]) -> bool:
    """True for an interval from this second on to some other."""
    bounds = (value.get("from"), value.get("to"))
    return all(bound is not None and bound["grain"] == "second" for bound in bounds)


def _readable(text: str) -> str:
    """As long as the text, in ASCII, so that bytes are characters, and without numbers like 2,000: Duckling would read
    their ends."""
    plain = "".join(c if c.isascii() else unicodedata.normalize("NFKD", c)[0] for c in text)
    plain = plain.encode("ascii", "replace").decode().replace("\0", " ")  # which ends a string for Duckling
    return _THOUSANDS.sub(lambda match: "x" * len(match[0]), plain)


def _apart(found: Sequence[Moment]) -> tuple[Moment, ...]:
    """Of those that overlap the surer, then the longer one."""
    kept: list[Moment] = []
    for moment in sorted(found, key=lambda one: (one.is_bare, one.start - one.end)):
        if all(moment.end <= other.start or moment.start >= other.end for other in kept):
            kept.append(moment)
    return tuple(sorted(kept, key=lambda one: one.start))


@dataclass(frozen=True, slots=True)
class _Value:
    """One of Duckling's values: what it is now and the next times that it will be, in order. A bound is None where the
    interval is open."""

    grain: str
    is_interval: bool
    since: tuple[datetime | None, ...]
    until: tuple[datetime | None, ...]

    @classmethod
    def of(cls, value: dict[str, Any]) -> "_Value":
        is_interval = value.get("type") == "interval"
        said = value.get("values") or [value]
        grain = value.get("grain") or (value.get("from") or value.get("to") or {}).get("grain", "")
        since = [one.get("from") if is_interval else one for one in said]
        until = [one.get("to") if is_interval else None for one in said]
        return cls(grain, is_interval, tuple(map(_time, since)), tuple(map(_time, until)))

    @property
    def bounds(self) -> tuple[datetime, ...]:
        """The times by which its day is told."""
        return tuple(at for pair in zip(self.since, self.until, strict=True) if (at := pair[0] or pair[1]))


def _moment(value: _Value, today: date) -> Moment | None:
    if not value.bounds or value.grain in {"second", "quarter", "year"}:  # "now"; a year is mostly some other number
        return None
    first = value.bounds[0]
    if value.grain in _RANGES:
        return Moment(start=0, end=0, days=(first.date(), first.date() + timedelta(days=_RANGES[value.grain] - 1)))
    day = _named(value.bounds, today)
    if value.is_interval:
        return _of_interval(value, day)
    if value.grain == "day":
        last = value.bounds[-1].date()
        return Moment(start=0, end=0, day=day) if day else Moment(start=0, end=0, days=(first.date(), last))
    if len(value.bounds) == 1 and first.time() == time():
        return Moment(start=0, end=0, day=day)  # "in three days", counted from midnight
    return Moment(start=0, end=0, day=day, at=_clocks(value.bounds))


def _clocks(times: Sequence[datetime]) -> tuple[str, ...]:
    """The times of the first day: one, or the same before and after noon."""
    return tuple(sorted({f"{one:%H:%M}" for one in times if one.date() == times[0].date()}))


def _named(times: Sequence[datetime], today: date) -> date | None:
    """The day, unless several in a row would do. A weekday is not today: who means today says so."""
    days = sorted({one.date() for one in times})
    if len(days) == 1:
        return days[0]
    if days[1] - days[0] < _WEEK:
        return None
    return days[1] if days[0] == today and days[1] - days[0] == _WEEK else times[0].date()


def _of_interval(value: _Value, day: date | None) -> Moment | None:
    since, until = value.since[0], value.until[0]
    if value.grain == "day":
        return _of_days(since, until)
    if since and until and until - since > _DAY:  # "this weekend"
        return Moment(start=0, end=0, days=(since.date(), (until - timedelta(minutes=1)).date()))
    if since is None or until is None:  # "before noon", "by eight pm", "after five"
        return Moment(start=0, end=0, day=day, at=_clocks(value.bounds))
    return Moment(start=0, end=0, day=day, since=f"{since:%H:%M}", until=f"{until:%H:%M}")


def _of_days(since: datetime | None, until: datetime | None) -> Moment | None:
    """ "Until the 14th" names one day, "between the third and the fifth" several."""
    if since is None or until is None:
        bound = since or until
        return Moment(start=0, end=0, day=bound.date()) if bound else None
    last = until.date() - _DAY
    if last <= since.date():
        return Moment(start=0, end=0, day=last)
    return Moment(start=0, end=0, days=(since.date(), last))


def _time(value: dict[str, Any] | None) -> datetime | None:
    """Without its zone, which is UTC; None for a year that Python does not know."""
    try:
        return datetime.fromisoformat(value["value"]).replace(tzinfo=None) if value else None
    except (ValueError, KeyError):
        return None


def _beheaded(moment: Moment, text: str, today: date, is_day_first: bool) -> tuple[Moment | None, Moment]:
    """A number in front, as a bare time, and the rest: "eight on the eighth at eight", "three next Monday". What stands
    there may be a count."""
    head, _, rest = text[moment.start : moment.end].partition(" ")
    clock = _whole(head, today, is_day_first) if rest else None
    found = _whole(rest, today, is_day_first) if clock and clock.is_bare and clock.at else None
    if clock is None or found is None or not (found.has_day or rest.startswith("at ")):
        return None, moment
    cut = moment.end - len(rest)
    number = replace(clock, start=moment.start, end=moment.start + len(head))
    return number, replace(found, start=cut, end=moment.end)


def _agreed(moment: Moment, text: str, today: date, is_day_first: bool) -> Moment:
    """What its parts agree on. "Friday the fourth" is no day when the fourth is no Friday: several were said. "Three
    days from Tuesday" is counted from the Tuesday to come, "the 7th for three days" is the 7th, "4:15 in the evening" a
    time."""
    words = text[moment.start : moment.end].split(" ")
    if words[0] == _THIS and moment.day == today + _WEEK:
        return replace(moment, day=today)
    if len(words) == 1 or (moment.at and not moment.has_day):
        return moment
    parts: list[Moment] = []
    for cut in range(1, len(words)):
        ahead = _duration(" ".join(words[:cut]))
        base = _whole(" ".join(words[cut + 1 :]), today, is_day_first) if ahead else None
        if ahead and base and base.day:
            return replace(moment, day=base.day + ahead, days=None)
        pair = [_whole(" ".join(part), today, is_day_first) for part in (words[:cut], words[cut:])]
        days = {part.day for part in pair if part and part.day}
        if moment.day and len(days) > 1 and not min(days) <= moment.day <= max(days) + _WEEK:
            return replace(moment, day=None, days=(min(days), max(days)))
        parts += [part for part in pair if part]
    return _completed(moment, parts)


def _completed(moment: Moment, parts: Sequence[Moment]) -> Moment:
    """With what one part says and no other contradicts."""
    days = {part.day for part in parts if part.day}
    if moment.days and moment.days[0] in days and moment.days[1] not in days:
        moment = replace(moment, day=moment.days[0], days=None)
    times = {part.at for part in parts if part.at and not part.is_bare}
    if moment.at or len(times) != 1:
        return moment
    at = next(iter(times))
    if moment.since and any(moment.since <= one < (moment.until if moment.until > "00:00" else "24:00") for one in at):
        return moment  # "between 4 and 6 pm": one end of a range
    if moment.since and len(at) > 1:
        at = (at[-1 if moment.since >= "12:00" else 0],)
    return replace(moment, at=at, since="", until="")


def _duration(text: str) -> timedelta | None:
    """ "Three days", "a week": days that something is away; None for any other text."""
    native = _Native.load()
    found = native.parse(text, datetime(2001, 1, 1), is_day_first=False)  # noqa: DTZ001  # a duration is none's
    spans = [one["value"] for one in found if one["dim"] == "duration" and one["body"] == text]
    days = {"day": 1, "week": 7}.get(spans[0].get("unit", "")) if spans else None
    return timedelta(days=days * spans[0]["value"]) if days else None


def _whole(text: str, today: date, is_day_first: bool) -> Moment | None:
    """The moment that the text is and nothing else."""
    found = _read(text, today, is_day_first)
    return found[0] if len(found) == 1 and found[0].start == 0 and found[0].end == len(text) else None
