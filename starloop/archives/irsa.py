"""ZTF data-release photometry from IRSA (Masci et al. 2019, doi:10.1088/1538-3873/aae8ac)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc

from starloop.archives import http
from starloop.archives.config import Archives
from starloop.archives.irsa_rows import COLUMNS, read
from starloop.archives.line import Banned, Line, Refused, Unavailable
from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.sky.tables import RELEASES

RADIUS_DEG = 0.0004
"""1.5 arcsec, about ZTF's astrometric scatter plus half its pixel."""
SUSPICIOUS = frozenset({500, 50_000})
"""Numbers of rows at which the services before IRSA's tables cut an answer without a word."""

_LOGIN = "/account/signon/login.do"
_SESSION = "JOSSO_SESSIONID"
_COUNTED = ("oid", "mjd")
_FIRST_MJD = 58000.0
"""Before ZTF's first light."""
_SHORTEST_DAYS = 0.01


class Irsa:
    """IRSA's light-curve service on its line; use it as a context manager.

    Parameters
    ----------
    archives : Archives
        Where it is, which data release is asked, and an account for those who have one.
    """

    def __init__(self, archives: Archives) -> None:
        self.line = Line("IRSA", archives.irsa, "IRSA")
        self._collection = archives.collection
        self._canary = archives.canaries.epochs
        self._account = archives.credentials
        self._session = http.client(self.line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def log_in(self) -> bool:
        """Log in with the account, where there is one, and tell whether there is.

        Raises
        ------
        BadInput
            When IRSA does not accept it.
        ArchiveDown
            When IRSA does not answer.
        """
        user, password = self._account.irsa_user, self._account.irsa_password
        if user is None or password is None:
            return False
        # in the body, not in the address: addresses end up in logs
        form = {
            "josso_cmd": "login",
            "josso_username": user.get_secret_value(),
            "josso_password": password.get_secret_value(),
        }
        address = self._session.build_request("GET", self.line.settings.url).url.join(_LOGIN)
        self.line.need(lambda: self._session.post(address, data=form))
        if not any(cookie.name == _SESSION for cookie in self._session.cookies.jar):
            raise BadInput(
                f"IRSA at {self.line.settings.url} does not accept the account in STARLOOP_IRSA_USER and "
                "STARLOOP_IRSA_PASSWORD: correct them, or unset both (public data need none)"
            )
        return True

    def canary(self) -> str | None:
        """Ask for a position that has epochs; None where there is no such position.

        Raises
        ------
        ArchiveDown
            When it has none, or IRSA does not answer.
        """
        place = self._canary
        if place is None:
            return None

        def look() -> str:
            try:
                found = self._ask({"POS": _circle(*place)}).num_rows
            except Banned:
                raise
            except Refused as why:  # of a question that is known to be right
                raise Unavailable(str(why)) from why
            if not found:
                raise Unavailable(f"no epochs at {place[0]:.5f} {place[1]:+.5f}, where there have always been some")
            return f"{found} epochs at {place[0]:.5f} {place[1]:+.5f}"

        return self.line.need(look)

    def epochs(self, oid: str, ra: float, dec: float, night: Night) -> pa.Table:
        """Fetch the epochs around a position before the night's end.

        Parameters
        ----------
        oid : str
            The object they are fetched for; it becomes the column `query`.
        ra, dec : float
            Its position, degrees.

        Returns
        -------
        pyarrow.Table
            Rows of the releases table, sorted by source and time; none is not an error.

        Raises
        ------
        Unavailable
            When the answer is not the service's CSV.
        Refused
            When IRSA does not take the question, or cuts its answer however little is asked for.
        ArchiveDown
            When IRSA does not answer.
        """
        epochs = self._whole({"POS": _circle(ra, dec)}, night, COLUMNS)
        epochs = epochs.append_column(RELEASES.field("query"), pa.repeat(oid, epochs.num_rows))
        return epochs.sort_by([("oid", "ascending"), ("mjd", "ascending"), ("expid", "ascending")])

    def _whole(self, question: dict[str, str], night: Night, columns: Sequence[str]) -> pa.Table:
        """Ask for all epochs before the night's end; where the answer may be cut, ask for them in parts."""
        epochs = self._ask(question, columns)
        if epochs.num_rows in SUSPICIOUS:
            timeless = epochs.filter(pc.is_null(epochs["mjd"]))  # they are in no span of time
            epochs = pa.concat_tables([*self._in_parts(question, _FIRST_MJD, night.end, columns), timeless])
        late = pc.fill_null(pc.greater_equal(epochs["mjd"], night.end), False)
        return epochs.filter(pc.invert(late)) if pc.any(late).as_py() else epochs

    def _in_parts(
        self, question: dict[str, str], begin: float, end: float, columns: Sequence[str]
    ) -> Iterable[pa.Table]:
        """Ask for both halves of a span of time, and for their halves where one may be cut as well."""
        middle = (begin + end) / 2
        for first, last in ((begin, middle), (middle, end)):
            part = self._ask(question | {"TIME": f"{first} {last}"}, columns)
            if part.num_rows not in SUSPICIOUS:
                # the service counts both ends of a span in
                yield part.filter(pc.and_(pc.greater_equal(part["mjd"], first), pc.less(part["mjd"], last)))
            elif last - first < _SHORTEST_DAYS:
                raise Refused(f"its answer is cut to {part.num_rows} rows, even for {last - first:.3f} days")
            else:
                yield from self._in_parts(question, first, last, columns)

    def recount(self, numbers: Iterable[int], night: Night) -> Counter[int]:
        """Count the epochs before the night's end of data-release objects asked for by number.

        A number is true within one data release only; this tells the numbers of an answer by position apart from
        those of another release, and finds rows that were left out.

        Raises
        ------
        Unavailable, Refused, ArchiveDown
            As `epochs`.
        """
        wanted = ",".join(str(number) for number in sorted(numbers))
        counted = pc.value_counts(self._whole({"ID": wanted}, night, _COUNTED)["oid"])
        return Counter(dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)))

    def _ask(self, question: dict[str, str], columns: Sequence[str] = COLUMNS) -> pa.Table:
        told = question | {"FORMAT": "CSV"} | ({"COLLECTION": self._collection} if self._collection else {})
        return read(self._session.get(self.line.settings.url, params=told).content, columns)


def _circle(ra: float, dec: float) -> str:
    return f"CIRCLE {ra:.6f} {dec:.6f} {RADIUS_DEG}"
