"""Which path belongs to which archive, so that a fault can be told where to strike."""

ARCHIVES: dict[str, tuple[str, ...]] = {
    "alerce": ("/ztf/v1/",),
    "bts": ("/ztf/bts/",),
    "irsa": ("/cgi-bin/ZTF/", "/account/"),
    "mast": ("/portal/", "/api/v0/", "/api/v0.1/", "/whoami"),
    "tap": ("/TAPVizieR/",),
    "xmatch": ("/xmatch/",),
}
OBJECTS = "/ztf/v1/objects"
LIGHT_CURVES = "/cgi-bin/ZTF/nph_light_curves"
LOGIN = "/account/signon/login.do"
BRIGHT_TRANSIENTS = "/ztf/bts/explorer.php"
INVOKE = "/api/v0/invoke"
WHOAMI = "/whoami"
MATCH = "/xmatch/api/v1/sync"
QUERY = "/TAPVizieR/tap/sync"

EVERYWHERE = tuple(root for roots in ARCHIVES.values() for root in roots)

_SERVED = (
    OBJECTS,
    f"{OBJECTS}/",
    LIGHT_CURVES,
    LOGIN,
    BRIGHT_TRANSIENTS,
    "/portal/Mashup/Mashup.asmx/columnsconfig",
    INVOKE,
    "/api/v0.1/Download/file",
    WHOAMI,
    MATCH,
    f"{MATCH}/tables",
    QUERY,
    "/TAPVizieR/tap/capabilities",
    "/TAPVizieR/tap/tables",
)


def known(route: str) -> bool:
    """Tell whether a route is ``*``, an archive's name, or the beginning of a served ``path?query``."""
    if route == "*" or route in ARCHIVES:
        return True
    return route.startswith("/") and any(
        path.startswith(route) or route.startswith(path if path.endswith("/") else f"{path}?") for path in _SERVED
    )


def beginnings(route: str) -> tuple[str, ...]:
    """Give the beginnings of ``path?query`` that a known route stands for."""
    return EVERYWHERE if route == "*" else ARCHIVES.get(route, (route,))


def overlap(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Tell whether a request can have a beginning out of each."""
    return any(one.startswith(other) or other.startswith(one) for one in some for other in others)


def archive_of(path: str) -> str:
    """Name the archive a path belongs to; raise `KeyError` when it belongs to none."""
    for name, roots in ARCHIVES.items():
        if path.startswith(roots):
            return name
    raise KeyError(path)
