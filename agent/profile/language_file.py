"""A profile's texts in one more language: languages/<code>.yaml beside personas/ and knowledge/."""

from pathlib import Path

from pydantic import Field, field_validator

from agent.files.yaml_file import Keys, Section

FOLDER = "languages"
PAGE = "docs/profile.md"


class LanguageFile(Section):
    """`sentences` are those of the profile in this language; what is left out is the language's own. `confirm` has, for
    each tool that changes something, the question that reads its values back, `phrases` how a value of that name stands
    in it, where nothing stands for a missing one, and `values` what a tool's choices are called."""

    sentences: dict[str, str] = Field(default={})
    confirm: dict[str, str] = Field(default={})
    phrases: dict[str, str] = Field(default={})
    values: dict[str, str] = Field(default={})

    @field_validator("phrases")
    @classmethod
    def _hold_a_value(cls, phrases: dict[str, str]) -> dict[str, str]:
        for name, phrase in phrases.items():
            if phrase.count("{}") != 1:
                raise ValueError(f"{name}: {phrase!r} must hold {{}} once, where the value stands")
        return phrases


def read_language(folder: Path, code: str) -> LanguageFile:
    """That of a profile's folder. Raises ConfigError, also where there is none."""
    return Keys.of(folder / FOLDER / f"{code}.yaml", what="language", page=PAGE).read(LanguageFile)
