"""What a profile wants after its calls: `results`, their structured outcome, `confirmations`, what callers get of it,
and `survey`, how callers found them."""

from typing import Annotated

from pydantic import Field, model_validator

from agent.files.yaml_file import Section


class ResultChoice(Section):
    """What of each call is kept and, with a webhook, posted when it is over (docs/results.md). `values` are parameters
    of tools, by name."""

    values: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")], ...] = ()
    webhook: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    secret_variable: str = ""

    @model_validator(mode="after")
    def _signed(self) -> "ResultChoice":
        if self.webhook and not self.secret_variable:
            raise ValueError(
                "a webhook needs secret_variable, which names the variable that its requests are signed with"
            )
        return self


class ConfirmationChoice(Section):
    """How callers who agreed are told after the call what was done in it: by mail over `smtp`, by text message through
    an HTTP `gateway`, or by either (docs/results.md)."""

    gateway: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    secret_variable: str = ""
    smtp: Annotated[str, Field(pattern=r"^(smtps?://[^\s/:]+:\d+)?$")] = ""
    mail_from: str = ""
    user_variable: str = ""
    password_variable: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "ConfirmationChoice":
        if self.gateway and not self.secret_variable:
            raise ValueError(
                "a gateway needs secret_variable, which names the variable that its requests are signed with"
            )
        if self.smtp and not self.mail_from:
            raise ValueError("smtp needs mail_from, which the mail is from")
        return self


class SurveyChoice(Section):
    """The question that callers are asked once they have said goodbye; none by default."""

    question: Annotated[str, Field(max_length=300)] = ""
    thanks: Annotated[str, Field(min_length=1, max_length=300)] = "Thank you for telling us. Goodbye."
    wait_s: Annotated[float, Field(ge=1, le=60)] = 8.0
