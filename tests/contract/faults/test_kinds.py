"""Each fault does to an answer what it says, to a plain client."""

import time
from email.utils import parsedate_to_datetime

import httpx
import pytest

from starloop.sky.server.spoil import KINDS, MOVED_BY
from tests.contract.faults.asking import (
    EPOCHS,
    EVERY,
    OBJECTS,
    bts,
    complaints,
    curve,
    download,
    invoke,
    irsa,
    objects,
    put,
    rows,
    tap,
    whoami,
    xmatch,
)


def page_of(status):
    def check(archive):
        for ask in EVERY.values():
            answer = ask(archive)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "text/html"
            assert f"<h1>{status} " in answer.text

    return check


def too_many(archive):
    assert (objects(archive).status_code, objects(archive).headers["retry-after"]) == (429, "1")


def usage_fault(archive):
    answer = irsa(archive)
    assert (answer.status_code, answer.text) == (400, "UsageFault: Internal error (invalid TAP query)\n")


def redirect(archive):
    for answer in (objects(archive, page=2), invoke(archive)):
        assert answer.status_code == 308
        assert answer.headers["location"] == answer.request.url.raw_path.decode()
    archive.delete("/faults")
    put(archive, {"fault": "redirect", "count": 2})
    archive.follow_redirects = True
    assert invoke(archive).json()["status"] == "COMPLETE"


def empty(archive):
    told = objects(archive, count="true", page_size=2).json()
    assert (told["items"], told["total"], told["has_next"], told["next"]) == ([], 0, False, None)
    assert curve(archive).json() == {"detections": [], "non_detections": []}
    mast = invoke(archive).json()
    assert (mast["status"], mast["data"], mast["paging"]["rowsTotal"]) == ("COMPLETE", [], 0)
    assert "obs_id" in [field["name"] for field in mast["fields"]]
    for answer in (irsa(archive), bts(archive), tap(archive, FORMAT="csv"), xmatch(archive)):
        assert answer.status_code == 200
        assert len(answer.text.splitlines()) == 1
        assert "," in answer.text
    for answer in (tap(archive), xmatch(archive, "votable"), irsa(archive, FORMAT="VOTABLE")):
        assert "<FIELD" in answer.text
        assert "<TR>" not in answer.text


def error_status(archive):
    answer = invoke(archive)
    assert (answer.status_code, answer.json()["status"], answer.json()["data"]) == (200, "ERROR", [])
    assert answer.json()["msg"]


def executing(archive):
    assert {invoke(archive).json()["status"] for _ in range(5)} == {"EXECUTING"}


def expired_token(archive):
    assert whoami(archive).json()["anon"] is True
    archive.delete("/faults")
    assert whoami(archive).json()["anon"] is False


def missing_keys(archive):
    item = objects(archive).json()["items"][0]
    assert "meanra" in item
    assert "class" not in item
    row = invoke(archive).json()["data"][0]
    assert "obs_id" in row
    assert "proposal_id" not in row


def zeros(archive):
    told = curve(archive).json()["detections"][0]
    assert (told["magpsf_corr"], told["distnr"], told["drb"], told["magpsf"]) == (0, 0, 0, 18.5)
    assert curve(archive, 1).json()["detections"][0]["magpsf_corr"] == 17.5
    assert curve(archive).json()["non_detections"][0] == {"mjd": 58890.0, "fid": 2, "diffmaglim": 20.0}


def sentinel(archive):
    told = curve(archive).json()["detections"][0]
    assert (told["magpsf_corr"], told["sigmapsf_corr_ext"], told["magpsf"]) == (100, 100, 18.5)
    assert "distnr" not in told


def no_next(archive):
    told = objects(archive, count="true", page_size=2).json()
    assert (told["has_next"], told["next"], told["total"], len(told["items"])) == (False, None, None, 2)


def duplicates(archive):
    pages = [objects(archive, page=page, page_size=2).json()["items"] for page in (1, 2, 3, 4, 5)]
    assert [len(page) for page in pages] == [2, 3, 3, 1, 0]
    assert [page[0] for page in pages[1:4]] == [page[-1] for page in pages[:3]]
    assert len({item["oid"] for page in pages for item in page}) == OBJECTS


def moved(archive):
    assert {row["oid"] for row in rows(irsa(archive))} == {str(1000 + MOVED_BY)}
    by_number = {"ID": 1000, "FORMAT": "CSV"}
    assert len(archive.get("/cgi-bin/ZTF/nph_light_curves", params=by_number).text.splitlines()) == 1
    assert f"<TD>{1000 + MOVED_BY}</TD>" in irsa(archive, FORMAT="VOTABLE").text


def row_limit(archive):
    assert len(rows(irsa(archive))) == EPOCHS  # below IRSA's own limit of 500
    put(archive, {"fault": "row-limit", "rate": 1, "limit": 3})
    told = tap(archive).text
    assert told.count("<TR>") == 3
    assert "V2 &lt;&amp;&gt; Ori" in told
    assert "OVERFLOW" not in told
    for answer in (irsa(archive), bts(archive), tap(archive, FORMAT="csv")):
        assert len(rows(answer)) == 3
    assert len(objects(archive).json()["items"]) == 3
    invoked = invoke(archive, "Mast.Catalogs.TIC.Cone", params={"ra": 10, "dec": 5, "radius": 180}).json()
    assert (len(invoked["data"]), invoked["paging"]["rowsTotal"]) == (3, 3)


def html(archive):
    for ask in (irsa, bts, xmatch):
        answer = ask(archive)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=UTF-8")
        assert answer.text.startswith("<html>\n<body><pre>\n")
        assert answer.text.endswith("</pre></body>\n</html>\n")
    assert "V1 &lt;&amp;&gt; Ori" in bts(archive).text


def truncated(archive):
    with archive.stream("GET", download(archive, "HEAD").url) as answer:
        assert answer.headers["content-length"] == "4000"
        with pytest.raises(httpx.RemoteProtocolError, match="received 2000 bytes, expected 4000"):
            answer.read()
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        invoke(archive)


def stalled(archive):
    with archive.stream("GET", "/ztf/v1/objects", timeout=0.5) as answer:
        half = int(answer.headers["content-length"]) // 2
        got = answer.iter_raw()
        assert len(next(got)) == half
        with pytest.raises(httpx.ReadTimeout):
            next(got)


def trickle(archive):
    began = time.monotonic()
    with archive.stream("GET", "/ztf/v1/objects") as answer:
        got = answer.iter_raw()
        came = 0
        while came < 4:
            came += len(next(got))
        assert time.monotonic() - began > 0.59  # three times 0.2 s
        assert came < int(answer.headers["content-length"]) / 10
    put(archive, {"fault": "empty", "rate": 1}, {"fault": "trickle", "rate": 1})
    assert archive.get("/ztf/v1/objects/ZTF20aaaaaa5/non_detections").json() == []


def clock_skew(archive):
    for ask in EVERY.values():
        assert 7195 < ahead(ask(archive)) < 7205
    put(archive, {"fault": "http-502", "rate": 1}, {"fault": "clock-skew", "rate": 1})
    answer = objects(archive)
    assert (answer.status_code, len(answer.headers.get_list("date"))) == (502, 1)
    assert ahead(answer) > 7195


def ahead(answer):
    """Give by how many seconds the server's clock is ahead."""
    return parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time()


def reset(archive):
    for ask in EVERY.values():
        with pytest.raises(httpx.ReadError, match="reset by peer"):
            ask(archive)


CASES = {
    "http-502": page_of(502),
    "http-503": page_of(503),
    "http-504": page_of(504),
    "too-many-requests": too_many,
    "ban": page_of(403),
    "usage-fault": usage_fault,
    "redirect": redirect,
    "empty": empty,
    "error-status": error_status,
    "executing": executing,
    "expired-token": expired_token,
    "missing-keys": missing_keys,
    "zeros": zeros,
    "sentinel-100": sentinel,
    "no-next": no_next,
    "duplicates": duplicates,
    "moved": moved,
    "row-limit": row_limit,
    "html": html,
    "truncated": truncated,
    "stalled": stalled,
    "trickle": trickle,
    "reset": reset,
    "clock-skew": clock_skew,
}


def test_every_fault_has_a_case():
    assert list(CASES) == list(KINDS)


@pytest.mark.parametrize("name", CASES)
def test_a_fault_does_what_it_says_and_is_gone_when_cleared(archive, name):
    put(archive, {"fault": name, "rate": 1})
    with complaints() as heard:
        CASES[name](archive)
    assert heard == []
    assert archive.delete("/faults").json() == archive.get("/faults").json() == []
    assert [ask(archive).status_code for ask in EVERY.values()] == [200] * len(EVERY)
    assert invoke(archive).json()["status"] == "COMPLETE"
    assert len(rows(irsa(archive))) == EPOCHS
    assert abs(ahead(irsa(archive))) < 5
