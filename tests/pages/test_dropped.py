"""Light curves that are dropped on the page: what is understood, and what is said of the rest."""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from starloop.endpoint.schemas import LightCurve
from starloop.errors import BadInput
from starloop.pages.dropped import read

POINT = {"mjd": [58900.5], "band": ["g"], "mag": [17.5], "err": [0.02]}


def curve(told: dict[str, Any]) -> dict[str, Any]:
    """Give what was read, but for the name, once the endpoint's own schema has taken it."""
    LightCurve.model_validate(told)
    return {name: value for name, value in told.items() if name != "id"}


@pytest.mark.parametrize(
    "text",
    [
        "mjd,mag,err,band\n58900.5,17.5,0.02,g\n",
        "MJD;Mag;MagErr;Filter\n58900.5;17.5;0.02;ztf_g\n",
        "# by hand\n\nobsmjd\tmag\tsigmapsf\tfid\n58900.5\t17.5\t0.02\t1\n",
        "hjd mag magerr filtercode\n2458901.0 17.5 0.02 zg\n",
        "\ufeffband, err, mag, mjd, note\r\ng, 0.02, 17.5, 58900.5, cloudy\r\n",
        "mjd,mag,err,band\n58900.5,17.5,0.02,g\n58901.5,nan,,g\n\n",
    ],
)
def test_columns_are_known_by_the_names_that_surveys_give_them(text: str) -> None:
    assert curve(read("mine.csv", text.encode())) == POINT


def test_what_alerce_gives_is_read_with_its_upper_limits_and_its_name() -> None:
    text = "oid,mjd,fid,magpsf,sigmapsf,diffmaglim\nZTF1,58900.5,1,17.5,0.02,20.1\nZTF1,58899.5,2,,,20.3\n"
    told = read("mine.csv", text.encode())
    limits = {"limit_mjd": [58899.5], "limit_mag": [20.3], "limit_band": ["r"]}
    assert told["id"] == "ZTF1"
    assert curve(told) == POINT | limits | {"apparent": False}


def test_fluxes_are_read_where_there_are_no_magnitudes() -> None:
    told = read("mine.csv", b"mjd,flux,fluxerr,filter\n58900.5,-12.5,3,i\n")
    assert curve(told) == {"mjd": [58900.5], "band": ["i"], "flux": [-12.5], "flux_err": [3.0]}


def test_a_parquet_file_is_read_by_the_same_names() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"mjd": [58900.5], "fid": [1], "mag": [17.5], "magerr": [0.02]}), file)
    told = read("night/mine.parquet", file.getvalue())
    assert (told["id"], curve(told)) == ("mine", POINT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("mjd,mag,err,band\n", "no rows below its header"),
        ("mjd,mag,band\n1,2,g\n", r"no column err \(or .*magerr.*\); it has mjd, mag, band"),
        ("mjd,mag,err,band\n1,2,0.1,g\n1,2,soft,g\n", "line 3, column err: 'soft' is not a number"),
        ("mjd,mag,err,band\n1,2,inf,g\n", "line 2, column err: inf is not a finite number"),
        ("mjd,mag,err,band\n1,2,0,g\n", "line 2, column err: an error of 0 is not positive"),
        ("mjd,mag,err,band\n1,2,,g\n", "line 2, column err: there is no value"),
        ("mjd,mag,err,filter\n1,2,0.1,V\n", "line 2, column filter: 'V' is no band starloop knows: g, r or i"),
        ("mjd,mag,err,band\n1,2,0.1,g,5\n", "line 2 has 5 values, but the header names 4 columns"),
        ("mjd,mag,err,band\n1,nan,0.1,g\n", "no row of the file has a value in its column mag"),
        ("oid,mjd,mag,err,band\na,1,2,0.1,g\nb,1,2,0.1,g\n", r"names 2 objects \(a, b, \.\.\.\): give one"),
    ],
)
def test_what_is_wrong_is_said_with_its_column_and_line(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read("mine.csv", text.encode())


def test_what_is_no_table_at_all_is_said_in_a_sentence() -> None:
    with pytest.raises(BadInput, match="neither Parquet nor text"):
        read("picture.png", bytes(range(128, 256)))
    with pytest.raises(BadInput, match="the file is not a Parquet file"):
        read("broken.parquet", b"PAR1 and no more")


def test_lists_in_a_parquet_file_are_refused_by_name() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"mjd": [[1.0, 2.0]]}), file)
    with pytest.raises(BadInput, match="the column mjd holds lists: give one row a point"):
        read("nested.parquet", file.getvalue())


def test_a_row_of_a_parquet_file_is_named_too() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"mjd": [1.0, 2.0], "mag": [1.0, 2.0], "err": [0.1, -0.1], "band": ["g", "g"]}), file)
    with pytest.raises(BadInput, match=r"row 2, column err: an error of -0\.1 is not positive"):
        read("mine.parquet", file.getvalue())
