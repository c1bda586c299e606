"""BTS over plain HTTP, CDS XMatch with astroquery, TAPVizieR with pyvo."""

import io
import shutil
from collections.abc import Iterator
from typing import Any

import astropy.units as u
import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest
import pyvo
from astropy.coordinates import SkyCoord
from astropy.table import Table
from astroquery.exceptions import InvalidQueryError
from pyvo.dal.exceptions import DALQueryError

from starloop.archives.catalogues import LISTINGS
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import CATALOGUES, Sky, open_sky

VSX = "B/vsx/vsx"
COLUMNS = {
    VSX: ["Name", "RAJ2000", "DEJ2000", "Type", "Period", "V"],
    "J/ApJS/249/18/table2": ["ID", "RAJ2000", "DEJ2000", "Type", "Per"],
    "VII/290": ["Name", "RAJ2000", "DEJ2000", "Type", "z"],
}


@pytest.fixture(scope="module")
def entries(small_sky: Sky) -> Any:
    return small_sky.read("catalogues").to_pandas()


@pytest.fixture(scope="module")
def without_entries(small_sky: Sky, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small sky without its catalogue entries."""
    folder = tmp_path_factory.mktemp("skies") / "uncatalogued"
    shutil.copytree(small_sky.folder, folder)
    pq.write_table(CATALOGUES.empty_table(), folder / "catalogues.parquet")
    with serving(open_sky(folder), None) as server:
        yield server


@pytest.fixture
def xmatch(served: Served, monkeypatch: pytest.MonkeyPatch) -> Any:
    from astroquery.xmatch import XMatch

    monkeypatch.setattr(XMatch, "URL", served.archives.xmatch.url)
    return XMatch


@pytest.fixture
def tap(served: Served) -> Any:
    return pyvo.dal.TAPService(served.archives.tap.url)


def test_bts_is_csv_with_dashes_for_the_unknown(served: Served, entries: Any) -> None:
    answer = httpx.get(served.archives.bts.url, params={"f": "s", "subsample": "all", "format": "csv"})
    told = pd.read_csv(io.StringIO(answer.text), dtype=str)
    assert ",".join(told.columns) == (
        "ZTFID,IAUID,RA,Dec,peakt,peakfilt,peakmag,peakabs,duration,rise,fade,type,redshift,b,A_V"
    )
    expected = entries[entries["catalogue"] == "BTS"]
    assert told["ZTFID"].tolist() == expected["oid"].tolist()
    assert told["type"].tolist() == expected["type"].tolist()
    assert set(told["peakmag"]) == {"-"}
    where = SkyCoord(told["RA"].tolist(), told["Dec"].tolist(), unit=(u.hourangle, u.deg))
    true = SkyCoord(expected["ra"].to_numpy(), expected["dec"].to_numpy(), unit="deg")
    assert where.separation(true).arcsec.max() < 0.1


def test_xmatch_pairs_positions_with_entries(xmatch: Any, entries: Any) -> None:
    stars = entries[entries["catalogue"] == VSX].iloc[:5]
    asked = Table({"oid": [*stars["oid"], "nowhere"], "ra": [*stars["ra"], 12.0], "dec": [*stars["dec"], -89.0]})
    found = xmatch.query(
        cat1=asked, cat2=f"vizier:{VSX}", max_distance=3 * u.arcsec, colRA1="ra", colDec1="dec", cache=False
    )
    assert list(found["oid"]) == list(stars["oid"])
    assert list(found["Name"]) == list(stars["name"])
    assert max(found["angDist"]) < 1e-3
    assert {"RAJ2000", "DEJ2000", "Type", "Period", "V"} <= set(found.colnames)


def test_xmatch_measures_distances_across_right_ascension_zero(xmatch: Any, served: Served, entries: Any) -> None:
    star = entries[entries["catalogue"] == VSX].iloc[0]
    asked = Table({"ra": [star["ra"] - 360], "dec": [star["dec"] + 1 / 3600]})
    found = xmatch.query(
        cat1=asked, cat2=f"vizier:{VSX}", max_distance=3 * u.arcsec, colRA1="ra", colDec1="dec", cache=False
    )
    assert found["angDist"][0] == pytest.approx(1, abs=1e-6)


def test_xmatch_lists_its_tables_and_refuses_others(xmatch: Any, entries: Any) -> None:
    of_the_sky = {name for name in entries["catalogue"] if "/" in name}
    assert xmatch.get_available_tables(cache=False) == sorted(of_the_sky | set(COLUMNS))
    here = {"cat1": Table({"ra": [1.0], "dec": [2.0]}), "colRA1": "ra", "colDec1": "dec", "max_distance": 1 * u.arcsec}
    with pytest.raises(InvalidQueryError, match="vizier:I/0/none"):
        xmatch.query(cat2="vizier:I/0/none", colRA2="RAJ2000", colDec2="DEJ2000", cache=False, **here)


@pytest.mark.parametrize("catalogue", [listing.table for listing in LISTINGS])
def test_a_catalogue_without_an_entry_in_the_sky_answers_nothing_in_its_own_columns(
    without_entries: Served, monkeypatch: pytest.MonkeyPatch, catalogue: str
) -> None:
    from astroquery.xmatch import XMatch

    monkeypatch.setattr(XMatch, "URL", without_entries.archives.xmatch.url)
    none = XMatch.query(
        cat1=Table({"oid": ["a"], "ra": [1.0], "dec": [2.0]}),
        cat2=f"vizier:{catalogue}",
        max_distance=3 * u.arcsec,
        colRA1="ra",
        colDec1="dec",
        cache=False,
    )
    assert (len(none), none.colnames) == (0, ["angDist", "oid", "ra", "dec", *COLUMNS[catalogue]])
    tap = pyvo.dal.TAPService(without_entries.archives.tap.url)
    rows = tap.search(f'SELECT * FROM "{catalogue}"').to_table()  # noqa: S608 - no database
    assert (len(rows), rows.colnames) == (0, COLUMNS[catalogue])


def test_tap_selects_columns_and_stops_at_top(tap: Any, entries: Any) -> None:
    rows = tap.search('SELECT TOP 3 Name, RAJ2000, Period FROM "B/vsx/vsx"').to_table()
    assert rows.colnames == ["Name", "RAJ2000", "Period"]
    assert list(rows["Name"]) == sorted(entries.loc[entries["catalogue"] == VSX, "name"])[:3]


def test_tap_selects_within_a_circle(tap: Any, entries: Any) -> None:
    star = entries[entries["catalogue"] == VSX].iloc[0]
    circle = f"CONTAINS(POINT('ICRS',RAJ2000,DEJ2000),CIRCLE('ICRS',{star['ra']},{star['dec']},0.0005))"
    rows = tap.search(" ".join(['SELECT * FROM "B/vsx/vsx" WHERE 1 =', circle])).to_table()
    assert list(rows["Name"]) == [star["name"]]
    assert rows["Type"][0] == star["type"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ('SELECT COUNT(*) FROM "B/vsx/vsx"', "SELECT .TOP n. columns FROM"),
        ('SELECT Colour FROM "B/vsx/vsx"', "Colour"),
        ('SELECT * FROM "II/366/catalog"', "II/366/catalog"),
        ('SELECT * FROM "B/vsx/vsx" WHERE Type = 1', "SELECT .TOP n. columns FROM"),
    ],
)
def test_tap_refuses_what_it_cannot_answer(tap: Any, query: str, reason: str) -> None:
    with pytest.raises(DALQueryError, match=reason):
        tap.search(query)


def test_tap_says_when_it_stops_early(served: Served) -> None:
    # pyvo keeps quiet about a limit the caller set, so the answer itself is read.
    ask = {"REQUEST": "doQuery", "LANG": "ADQL", "QUERY": 'SELECT Name FROM "B/vsx/vsx"', "MAXREC": "2"}
    answer = httpx.post(f"{served.archives.tap.url}/sync", data=ask).text
    assert answer.count("<TR>") == 2
    assert 'value="OVERFLOW"' in answer


def test_tap_lists_its_tables(tap: Any, served: Served) -> None:
    assert f'"{VSX}"' in list(tap.tables.keys())
    assert [column.name for column in tap.tables[f'"{VSX}"'].columns][:3] == ["Name", "RAJ2000", "DEJ2000"]
    assert tap.capabilities[0].interfaces[0].accessurls[0].content == served.archives.tap.url
