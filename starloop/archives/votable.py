"""A VOTable as rows."""

import io
from typing import Any
from xml.parsers.expat import ExpatError

from starloop.archives.line import Unavailable

Row = dict[str, Any]


def read(body: bytes) -> tuple[list[Row], bool]:
    """Read the first table of a VOTable.

    Returns
    -------
    rows : list of dict
        Masked cells are None.
    cut : bool
        The service says that there are more rows than these.

    Raises
    ------
    Unavailable
        When it is something else, such as a page for people, or says that the query failed.
    """
    from astropy.io.votable import parse
    from astropy.io.votable.exceptions import VOWarning

    try:
        document = parse(io.BytesIO(body))
    except (VOWarning, ValueError, ExpatError) as wrong:
        raise Unavailable("an answer that is not a VOTable") from wrong
    told = [info for part in (document, *document.resources) for info in part.infos if info.name == "QUERY_STATUS"]
    for info in told:
        if info.value == "ERROR":
            raise Unavailable(f"a query that failed: {info.content}"[:160])
    try:
        table = document.get_first_table().to_table(use_names_over_ids=True)
    except IndexError as wrong:
        raise Unavailable("a VOTable without a table") from wrong
    columns = [table[name].tolist() for name in table.colnames]
    rows = [dict(zip(table.colnames, cells, strict=True)) for cells in zip(*columns, strict=True)]
    return rows, any(info.value == "OVERFLOW" for info in told)
