"""Asking each archive over plain HTTP, and setting faults."""

import csv
import io
import json
import logging
from contextlib import contextmanager

OBJECTS = 6
EPOCHS = 4
FILE = "tess-s0001-0000000000000007-s_lc.fits"
TOKEN = "0123456789abcdef" * 2


@contextmanager
def complaints():
    """What uvicorn complains of, once it runs: an answer it could not finish, a request it had to cancel."""
    told = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append(record.getMessage())
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    yield told
    logger.removeHandler(handler)


def put(archive, *faults):
    answer = archive.put("/faults", json=list(faults))
    assert answer.status_code == 200, answer.text


def struck(archive):
    return [one["struck"] for one in archive.get("/faults").json()]


def objects(archive, **query):
    return archive.get("/ztf/v1/objects", params=query)


def curve(archive, n=0):
    return archive.get(f"/ztf/v1/objects/ZTF20aaaaaa{n}/lightcurve")


def irsa(archive, **query):
    return archive.get("/cgi-bin/ZTF/nph_light_curves", params={"POS": "CIRCLE 10 5 0.001", "FORMAT": "CSV"} | query)


def invoke(archive, service="Mast.Caom.Filtered", **asked):
    told = {"service": service, "params": {"filters": []}, "cacheBreaker": "7d444840-9dc0-11d1-b245-5ffdce74fad2"}
    return archive.post("/api/v0/invoke", data={"request": json.dumps(told | asked)})


def tap(archive, **asked):
    ask = {"QUERY": 'SELECT * FROM "B/vsx/vsx"', "REQUEST": "doQuery", "LANG": "ADQL"}
    return archive.post("/TAPVizieR/tap/sync", data=ask | asked)


def xmatch(archive, form="csv"):
    ask = {"cat2": "vizier:B/vsx/vsx", "distMaxArcsec": "3", "RESPONSEFORMAT": form, "colRA1": "ra", "colDec1": "dec"}
    return archive.post("/xmatch/api/v1/sync", data=ask, files={"cat1": ("a.csv", "ra,dec\n10,5\n11,5\n")})


def bts(archive):
    return archive.get("/ztf/bts/explorer.php")


def download(archive, method="GET"):
    return archive.request(method, "/api/v0.1/Download/file", params={"uri": f"mast:TESS/product/{FILE}"})


def whoami(archive):
    return archive.get("/whoami", headers={"cookie": f"mast_token={TOKEN}"})


def login(archive):
    told = {"josso_cmd": "login", "josso_username": "someone", "josso_password": "a secret"}
    return archive.post("/account/signon/login.do", data=told)


EVERY = {
    "alerce": objects, "irsa": irsa, "mast": invoke, "tap": tap, "xmatch": xmatch, "bts": bts,
}  # fmt: skip


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.text)))
