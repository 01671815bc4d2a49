"""Questions in SQL for hypothesis: mostly right ones about the bank, with names in them that are not on the list."""

from hypothesis import strategies as st

from backends.bank_tables import READABLE

LITERALS = ("'savings'", "'canary'", "'C1003'", "0", "987654321", "'2026-01-01'", "null")
STRANGE_TABLES = ("bank_accounts", "bank_customers", "main.bank_accounts", "public.bank_postings", "customers")
STRANGE_COLUMNS = ("customer_id", "rowid", "ctid", "id", "name", "daily_limit_minor", "1", "count(*)")
ALIASES = ("a", "b", "accounts", "transactions", "bank_accounts", "bank_customers")
SHAPES = ("{}", "max({})", "min({})", "count(distinct {})", "coalesce({}, '')", "{} || ''", "{} is null")


@st.composite
def questions(draw: st.DrawFn) -> str:
    """A whole question: perhaps with a named part, perhaps a union."""
    if draw(st.integers(0, 3)):
        return _query(draw, {}, depth=2)
    name = draw(st.sampled_from(("part", "accounts", "bank_accounts", "transactions")))
    column = draw(st.sampled_from(("number", "customer_id", "kind")))
    part = f"select {column} from {draw(st.sampled_from((*READABLE, *STRANGE_TABLES, name)))}"
    return f"with {name} as ({part}) {_query(draw, {name: (column,)}, depth=2)}"


def _query(draw: st.DrawFn, parts: dict[str, tuple[str, ...]], depth: int) -> str:
    source, columns = _source(draw, parts, depth, draw(st.sampled_from(ALIASES)))
    if not draw(st.integers(0, 2)):
        other, more = _source(draw, parts, depth, "other")
        kind = draw(st.sampled_from(("join", "left join", "cross join", "full join")))
        on = "" if kind == "cross join" else f" on {_column(draw, columns)} = {_column(draw, more)}"
        source, columns = f"{source} {kind} {other}{on}", (*columns, *more)
    chosen = ", ".join(_shaped(draw, columns) for _ in range(draw(st.integers(1, 3))))
    query = f"select {chosen} from {source}"
    if draw(st.booleans()):
        query += f" where {_condition(draw, parts, columns, depth)}"
    if depth and not draw(st.integers(0, 5)):
        return f"{query} {draw(st.sampled_from(('union', 'union all', 'except')))} {_query(draw, parts, 0)}"
    return query


def _source(draw: st.DrawFn, parts: dict[str, tuple[str, ...]], depth: int, alias: str) -> tuple[str, tuple[str, ...]]:
    if depth and not draw(st.integers(0, 4)):
        return f"({_query(draw, parts, depth - 1)}) as {alias}", ("*",)
    if not draw(st.integers(0, 9)):
        return f"{draw(st.sampled_from(STRANGE_TABLES))} as {alias}", (f"{alias}.name",)
    known = {name: rule.columns for name, rule in READABLE.items()} | parts
    name = draw(st.sampled_from(sorted(known)))
    return f"{name} as {alias}", tuple(f"{alias}.{column}" for column in known[name])


def _column(draw: st.DrawFn, columns: tuple[str, ...]) -> str:
    return draw(st.sampled_from(columns if draw(st.integers(0, 19)) else STRANGE_COLUMNS))


def _shaped(draw: st.DrawFn, columns: tuple[str, ...]) -> str:
    column = _column(draw, columns)
    return column if column == "*" else draw(st.sampled_from((*SHAPES[:1] * 3, *SHAPES))).format(column)


def _condition(draw: st.DrawFn, parts: dict[str, tuple[str, ...]], columns: tuple[str, ...], depth: int) -> str:
    column = _column(draw, columns)
    column = "1" if column == "*" else column
    if depth and not draw(st.integers(0, 3)):
        return f"{column} {draw(st.sampled_from(('in', 'not in')))} ({_query(draw, parts, 0)})"
    if depth and not draw(st.integers(0, 5)):
        return f"exists ({_query(draw, parts, 0)})"
    operator = draw(st.sampled_from(("=", "<>", "<", ">=", "like", "is not")))
    return f"{column} {operator} {'null' if operator == 'is not' else draw(st.sampled_from(LITERALS))} or 1 = 1"
