"""The great-expectations suite of each table, and what one says about a table's rows."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from starloop.checks.rules import Among, Between, Present, Rule, row_rules
from starloop.nights.calendar import Night

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation

_NEVER_EMPTY = ("objects", "detections")
_EXAMPLES = 5


@dataclass(frozen=True)
class Outcome:
    """What one expectation says about a table.

    Parameters
    ----------
    rule : str
        Its name.
    success : bool
        Whether every row, or the whole table, meets it.
    expects : dict
        Its great-expectations type and arguments.
    rows : tuple of int
        The rows that do not meet it, counted from 0; empty for an expectation of the whole table.
    examples : tuple
        The first few values that do not meet it, as text.
    """

    rule: str
    success: bool
    expects: dict[str, Any]
    rows: tuple[int, ...]
    examples: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether it speaks of the whole table, not of its rows."""
        return str(self.expects["type"]).startswith("expect_table_")


def suite(table: str, night: Night, clouded: bool) -> "ExpectationSuite":
    """Give a table's suite: the rules of its rows, then what the whole table must be unless no object was active."""
    import great_expectations as gx

    rows = [_expectation(rule) for rule in row_rules(table, night)]
    return gx.ExpectationSuite(name=table, expectations=[*rows, *_whole(table, night, clouded)])


def validate(rows: pa.Table, suite: "ExpectationSuite") -> list[Outcome]:
    """Hold a table against a suite; the outcomes come in the suite's order."""
    batch = _context().data_sources.pandas_default.read_dataframe(rows.to_pandas())
    results = batch.validate(suite, result_format={"result_format": "COMPLETE"}).results
    by_rule = {result.expectation_config.meta["rule"]: result for result in results}
    return [_outcome(expectation, by_rule[expectation.meta["rule"]]) for expectation in suite.expectations]


@functools.cache
def _context() -> "EphemeralDataContext":
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _outcome(expectation: Any, result: Any) -> Outcome:
    rule, found, asked = expectation.meta["rule"], result.result, expectation.configuration
    if result.exception_info.get("raised_exception"):
        raise RuntimeError(f"{rule} could not be computed: {result.exception_info['exception_message']}")
    condition = {} if expectation.row_condition is None else {"row_condition": repr(expectation.row_condition)}
    return Outcome(
        rule=rule,
        success=bool(result.success),
        expects={"type": asked.type, **asked.kwargs, **condition},
        rows=tuple(int(row) for row in found.get("unexpected_index_list") or ()),
        examples=tuple(str(value) for value in found.get("partial_unexpected_list", ())[:_EXAMPLES]),
    )


def _expectation(rule: Rule) -> "Expectation":
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    named = {"column": rule.column, "meta": {"rule": rule.name}}
    match rule:
        case Present():
            return gxe.ExpectColumnValuesToNotBeNull(**named)
        case Among():
            return gxe.ExpectColumnValuesToBeInSet(value_set=list(rule.values), **named)
        case Between():
            return gxe.ExpectColumnValuesToBeBetween(
                min_value=rule.low,
                max_value=rule.high,
                strict_min=rule.above_low,
                strict_max=rule.below_high,
                row_condition=None if rule.sentinel is None else Column(rule.column) != rule.sentinel,
                **named,
            )


def _whole(table: str, night: Night, clouded: bool) -> "list[Expectation]":
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    whole: list[Expectation] = []
    if clouded:
        return whole
    if table in _NEVER_EMPTY:
        whole.append(gxe.ExpectTableRowCountToBeBetween(min_value=1, meta={"rule": "table_not_empty"}))
    if table == "detections":
        tonight = (Column("mjd") >= night.begin) & (Column("mjd") < night.end)
        fresh = gxe.ExpectTableRowCountToBeBetween(
            min_value=1, row_condition=tonight, meta={"rule": "detection_inside_the_night"}
        )
        whole.append(fresh)
    return whole
