"""Objects are named as people write them."""

import re

import pytest

from starloop.errors import BadInput
from starloop.nights.one_object import NAME, named, tic


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("ZTF20aaelulu", "ZTF20aaelulu", None),
        (" ZTF20aaelulu\n", "ZTF20aaelulu", None),
        ("VSX-18abwvvvw", "VSX-18abwvvvw", None),
        ("TIC 358108509", "TIC 358108509", 358108509),
        ("tic-00358108509", "TIC 358108509", 358108509),
        ("358108509", "TIC 358108509", 358108509),
        ("TIC 0", "TIC 0", 0),
    ],
)
def test_an_oid_stays_as_it_is_and_a_tic_number_is_written_one_way(text: str, name: str, number: int | None) -> None:
    assert re.match(NAME, text)
    assert (named(text), tic(named(text))) == (name, number)
    assert named(named(text)) == name


@pytest.mark.parametrize("text", ["", "  ", "ZTF20 aaelulu", "../etc", "ZTF20aaelulu;", "x" * 65, "Vénus", "\x00"])
def test_anything_else_is_refused_with_what_it_should_be(text: str) -> None:
    assert not re.match(NAME, text)
    with pytest.raises(BadInput, match=r"no object's name: give a ZTF oid \(ZTF20aaelulu\) or a TIC number"):
        named(text)
