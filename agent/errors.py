"""Every error of ours, drawn as a tree; the toolbox alone turns some of them into sentences for the LLM.

VoiceAgentError
├── ConfigError              start-up only: a file, key or variable is wrong; the message holds the cure
├── ProviderError            someone we ask to hear, think or speak failed
├── BackendError             a system of record failed
│   ├── NotFound             it has no such row
│   └── Unavailable          it cannot be asked now
├── Refused                  a rule said no; carries a sentence fit to be spoken
│   └── Unverified           not before the caller is known better; carries how many details that takes
├── Asked                    not before the caller says yes; carries the question that reads it back
└── StoreError               our own database failed
"""


class VoiceAgentError(Exception):
    """Root of the tree: `except VoiceAgentError` catches what Parley raises on purpose, nothing else."""


class ConfigError(VoiceAgentError):
    """Something the operator wrote is wrong. The message names what, where, and what to do."""


class ProviderError(VoiceAgentError):
    """A provider did not do its part. `role` is stt, llm, tts or embedding."""

    def __init__(self, role: str, provider: str, reason: str) -> None:
        super().__init__(f"{role} provider {provider}: {reason}")
        self.role = role
        self.provider = provider
        self.reason = reason


class BackendError(VoiceAgentError):
    """A system of record could not do what a tool asked. `sentence` is fit to be spoken."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(BackendError):
    """The system of record answered, and has no such row."""


class Unavailable(BackendError):
    """The system of record did not answer: locked, full, unreachable."""


class Refused(VoiceAgentError):
    """A rule said no. `sentence` is fit to be spoken and gives nothing away: the `statement`, and the `question` that
    leads on, where there is one."""

    def __init__(self, statement: str, question: str = "") -> None:
        self.statement, self.question = statement, question
        self.sentence = f"{statement} {question}".strip()
        super().__init__(self.sentence)


class Unverified(Refused):
    """The caller is not known well enough. `tier` is the one that is needed, `missing` how many details away it is."""

    def __init__(self, sentence: str, tier: int, missing: int) -> None:
        super().__init__(sentence)
        self.tier = tier
        self.missing = missing


class Asked(VoiceAgentError):
    """Nothing is done before the caller has said yes. `question` reads back all that would be done, and asks."""

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question


class StoreError(VoiceAgentError):
    """Our own database could not be read or written."""
