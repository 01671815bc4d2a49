"""The part of SQL that a question may be made of: kinds of nodes with the arguments each may have, functions, types.

Everything is listed that may be used, nothing that may not: what a database or its parser learns tomorrow is refused.
"""

from collections.abc import Mapping
from typing import Final

from sqlglot import exp

_BINARY = ("this", "expression")

# Node -> the arguments that may be set. `Table.db` is absent, for one: no other schema can be named.
NODES: Final[Mapping[type[exp.Expr], frozenset[str]]] = {
    kind: frozenset(arguments)
    for kinds, arguments in (
        (
            (exp.Select,),
            (
                "with_",
                "expressions",
                "distinct",
                "from_",
                "joins",
                "where",
                "group",
                "having",
                "order",
                "limit",
                "offset",
            ),
        ),
        ((exp.Union, exp.Except, exp.Intersect), ("with_", *_BINARY, "distinct", "order", "limit", "offset")),
        ((exp.With,), ("expressions",)),
        ((exp.CTE, exp.Table, exp.Subquery, exp.Alias), ("this", "alias")),
        ((exp.From, exp.Where, exp.Having, exp.TableAlias, exp.Boolean, exp.Paren, exp.Neg, exp.Not), ("this",)),
        ((exp.Join,), ("this", "on", "using", "side", "kind", "method")),
        ((exp.Limit, exp.Offset), ("expression",)),
        ((exp.Distinct, exp.Order, exp.Group, exp.Tuple), ("expressions",)),
        ((exp.Ordered,), ("this", "desc", "nulls_first")),
        ((exp.Column,), ("this", "table")),
        ((exp.Identifier,), ("this", "quoted")),
        ((exp.Star, exp.Null), ()),
        ((exp.Literal,), ("this", "is_string")),
        ((exp.Var,), ("this",)),
        ((exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is), (*_BINARY, "negate")),
        ((exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.DPipe, exp.Escape, exp.Filter), (*_BINARY, "safe")),
        ((exp.Div,), (*_BINARY, "typed", "safe")),
        ((exp.Like, exp.ILike), (*_BINARY, "negate")),
        ((exp.Between,), ("this", "low", "high")),
        ((exp.In,), ("this", "expressions", "query")),
        ((exp.Exists,), ("this",)),
        ((exp.Case,), ("this", "ifs", "default")),
        ((exp.If,), ("this", "true", "false")),
        ((exp.Cast,), ("this", "to")),
        ((exp.DataType,), ("this", "expressions", "nested")),
        ((exp.DataTypeParam,), ("this",)),
        ((exp.Interval,), ("this", "unit")),
    )
    for kind in kinds
}

# What the parser knows a function as -> the name by which a policy allows it. None of them reads anything but its
# arguments, and none makes much of little (no repeat, printf, lpad, group_concat, replace).
FUNCTIONS: Final[Mapping[type[exp.Expr], str]] = {
    exp.Count: "count",
    exp.Sum: "sum",
    exp.Avg: "avg",
    exp.Min: "min",
    exp.Max: "max",
    exp.Abs: "abs",
    exp.Round: "round",
    exp.Coalesce: "coalesce",
    exp.Nullif: "nullif",
    exp.Lower: "lower",
    exp.Upper: "upper",
    exp.Trim: "trim",
    exp.Length: "length",
    exp.Substring: "substring",
    exp.CurrentDate: "current_date",
    exp.Date: "date",
    exp.Extract: "extract",
    exp.TimestampTrunc: "date_trunc",
    exp.TimeToStr: "strftime",
    exp.TsOrDsToTimestamp: "strftime",  # the parser's own wrapper around strftime's argument
}
# Functions that the parser keeps by name alone, per dialect: SQLite's date() with modifiers.
NAMED: Final[Mapping[str, frozenset[str]]] = {"sqlite": frozenset({"date"}), "postgres": frozenset()}

TYPES: Final = frozenset(
    {
        exp.DType.SMALLINT,
        exp.DType.INT,
        exp.DType.BIGINT,
        exp.DType.DECIMAL,
        exp.DType.FLOAT,
        exp.DType.DOUBLE,
        exp.DType.TEXT,
        exp.DType.DATE,
        exp.DType.BOOLEAN,
    }
)
UNITS: Final = frozenset({"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DOW", "DAYS", "WEEKS", "MONTHS", "YEARS"})
ALL_FUNCTIONS: Final = frozenset(FUNCTIONS.values())
