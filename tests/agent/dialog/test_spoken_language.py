"""A call's language: what tells it, and what changes it."""

import pytest

from agent.call.call import Call
from agent.config import ROOT
from agent.dialog.spoken_language import Chosen, SpokenLanguage, choose, of_metadata
from agent.events import AgentSpoke, AiDisclosed, LanguageChosen
from agent.profile.languages import spoken_in
from agent.profile.profile import Profile, load_profile
from tests.fakes.calls import Recorded, recorded_call

OFFERED = ("en", "es", "de")


@pytest.mark.parametrize(
    ("told", "attributes", "number", "chosen"),
    [
        ("es", {"language": "de"}, "+4930123456", Chosen("es", "room")),
        ("", {"language": "de-AT"}, "+34912345678", Chosen("de", "participant")),
        ("", {"sip.h.X-Language": "ES"}, "+4930123456", Chosen("es", "sip_header")),
        ("", {"sip.h.x-language": "es_MX"}, "", Chosen("es", "sip_header")),
        ("", {}, "+4930123456", Chosen("de", "number")),
        ("", {}, "+34912345678", Chosen("es", "number")),
        ("", {}, "+12125550142", Chosen("en", "number")),
        ("", {}, "+33142345678", Chosen("en", "profile")),
        ("fr", {}, "+34912345678", Chosen("es", "number")),
        ("", {"language": "klingon"}, "", Chosen("en", "profile")),
        ("", {}, "not a number", Chosen("en", "profile")),
    ],
)
def test_what_is_known_of_the_caller_tells_the_language(
    told: str, attributes: dict[str, str], number: str, chosen: Chosen
) -> None:
    """The nearest to the caller first; what is not offered tells nothing."""
    assert choose(OFFERED, told=told, attributes=attributes, number=number) == chosen


@pytest.mark.parametrize(
    ("metadata", "language"),
    [('{"language": "es"}', "es"), ("{}", ""), ("", ""), ("es", ""), ("[1]", ""), ('{"language": null}', "")],
)
def test_metadata_of_a_room_is_json(metadata: str, language: str) -> None:
    """Or says nothing."""
    assert of_metadata(metadata) == language


class Used:
    """A call in three languages, and what its ears and voice were told to speak."""

    def __init__(self) -> None:
        profile = load_profile("restaurant", ROOT / "profiles")
        self.call: Call
        self.record: Recorded
        self.call, self.record = recorded_call(profile)
        self.used: list[tuple[str, bool]] = []
        profiles = {code: spoken_in(profile, code) for code in OFFERED}
        self.language = SpokenLanguage(self.call, profiles, self._use)

    def _use(self, profile: Profile, may_be_another: bool) -> None:
        self.used.append((profile.language, may_be_another))

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """As the events tell."""
        return [(e.language, e.by) for e in self.record.events if isinstance(e, LanguageChosen)]


def test_first_words_correct_a_guess_and_nothing_later_does() -> None:
    """Until then the ears listen for all languages; the change is confirmed, and the turn is answered, too."""
    used = Used()
    used.language.begin("", None)
    text = "Quiero reservar una mesa para cuatro"
    assert used.language.hear(text)
    assert used.language.confirmation(text) == (used.call.profile.sentences.switched, False)
    assert "español" in used.call.profile.sentences.switched
    assert not used.language.hear("I would like a table for four")
    assert used.language.confirmation(text) == ("", False)
    assert used.used == [("en", True), ("es", False)]
    assert used.chosen == [("en", "profile"), ("es", "detected")]


def test_what_was_told_is_no_guess() -> None:
    """Only who asks for it changes the language of somebody whose language is known."""
    used = Used()
    used.language.begin('{"language": "de"}', None)
    assert not used.language.hear("I would like a table for four")
    assert used.language.hear("Can we speak English?")
    assert used.language.confirmation("Can we speak English?") == (used.call.profile.sentences.switched, True)
    assert used.used == [("de", False), ("en", False)]
    assert used.chosen == [("de", "room"), ("en", "asked")]


def test_first_words_in_the_language_of_the_guess_settle_it() -> None:
    """The ears listen for that one from then on."""
    used = Used()
    used.language.begin("", None)
    assert not used.language.hear("I would like a table for four")
    assert used.used == [("en", True), ("en", False)]


def test_a_call_that_is_taken_up_goes_on_in_its_language() -> None:
    """Nothing is guessed again."""
    used = Used()
    used.language.go_on("es")
    assert used.call.profile.language == "es" and not used.language.hear("I would like a table for four")
    assert used.chosen == [("es", "taken_up")]


def test_consent_and_disclosure_follow_the_language() -> None:
    """A Spanish yes is heard as one, and that an AI speaks is told in each language."""
    used = Used()
    used.call.emit(AgentSpoke(turn=0, words=9, is_whole=True, text=used.call.profile.sentences.greeting))
    used.language.begin('{"language": "es"}', None)
    assert used.call.agreements.language == "es" and used.call.language.code == "es"
    used.call.emit(AgentSpoke(turn=1, words=9, is_whole=True, text="¿A nombre de quién?"))
    used.call.emit(AgentSpoke(turn=2, words=9, is_whole=True, text=used.call.profile.sentences.switched))
    told = [e for e in used.record.events if isinstance(e, AiDisclosed)]
    assert [(e.turn, e.language) for e in told] == [(0, "en"), (2, "es")]
