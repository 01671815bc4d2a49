"""What a call of the meter tells of a turn, beside its sound."""

from evals.asking import is_by_pipeline


def replaced(at: float, by: str, role: str = "llm") -> dict[str, object]:
    """One provider took over from another."""
    return {"type": "provider_replaced", "heard_at": at, "role": role, "by": by}


def test_who_took_over_last_has_answered() -> None:
    """Until somebody else does; ears and voices are no matter."""
    events = [replaced(5.0, "pipeline"), replaced(6.0, "local", "stt"), replaced(20.0, "openai/gpt-realtime")]
    assert [is_by_pipeline(events, until) for until in (4.0, 5.5, 19.0, 21.0)] == [False, True, True, False]
    assert not is_by_pipeline([], 10.0)
