"""What a good row of each table is: every rule has the name that its rejected rows carry.

Ranges are those ZTF can measure, with room to spare. A rule about a range says nothing about nulls:
a column that must be filled has its own rule.
"""

from dataclasses import dataclass

from starloop.nights.calendar import Night

FIRST_LIGHT_MJD = 58194.0
"""Beginning of the ZTF public survey, 2018-03-17 (doi:10.1088/1538-3873/aaecbe)."""
NO_MAGNITUDE = 100.0
"""ALeRCE's marker of a corrected magnitude, or of its error, that could not be computed."""


@dataclass(frozen=True)
class Present:
    """The column is not null."""

    column: str

    @property
    def name(self) -> str:
        """The rule's name."""
        return f"{self.column}_not_null"


@dataclass(frozen=True)
class Between:
    """Where the column has a value, it lies from `low` to `high`, or is the `sentinel`."""

    name: str
    column: str
    low: float
    high: float | None = None
    above_low: bool = False
    below_high: bool = False
    sentinel: float | None = None


@dataclass(frozen=True)
class Among:
    """Where the column has a value, it is one of `values`."""

    name: str
    column: str
    values: tuple[float | str, ...]


Rule = Present | Between | Among

_RA = Between("ra_in_range", "ra", 0, 360)
_DEC = Between("dec_in_range", "dec", -90, 90)
_FID = Among("fid_is_g_r_i", "fid", (1, 2, 3))
_LIMIT = Between("diffmaglim_in_survey_range", "diffmaglim", 7, 24)


def row_rules(table: str, night: Night) -> tuple[Rule, ...]:
    """Give the rules every row of a table must follow.

    Parameters
    ----------
    table : str
        A table that has rules: see `CHECKED`.
    night : Night
        No observation may be later than its end.
    """
    mjd = Between("mjd_within_the_run", "mjd", FIRST_LIGHT_MJD, night.end, below_high=True)
    filled = tuple(Present(column) for column in filled_columns(table))
    return filled + _RULES[table] + ((mjd,) if table in _OBSERVED else ())


def filled_columns(table: str) -> tuple[str, ...]:
    """Give the columns of a table that may not be null."""
    return _FILLED[table]


_OBSERVED = ("detections", "non_detections", "releases", "forced")
_FILLED = {
    "objects": ("oid", "ra", "dec"),
    "detections": ("oid", "candid", "mjd", "fid", "magpsf", "sigmapsf"),
    "non_detections": ("oid", "mjd", "fid", "diffmaglim"),
    "releases": ("oid", "mjd", "mag", "magerr", "catflags", "filtercode", "query"),
    "catalogues": ("catalogue", "oid", "ra", "dec"),
    "forced": ("oid", "mjd", "fid", "ra", "dec", "programid"),
}
_RULES: dict[str, tuple[Rule, ...]] = {
    "objects": (_RA, _DEC, Between("tic_positive", "tic", 0, above_low=True)),
    "detections": (
        Between("magpsf_in_survey_range", "magpsf", 7, 24),
        Between("sigmapsf_positive_below_one", "sigmapsf", 0, 1, above_low=True, below_high=True),
        # A corrected magnitude adds the reference's flux and may reach beyond what one exposure sees.
        Between("magpsf_corr_in_range_or_sentinel", "magpsf_corr", 5, 30, sentinel=NO_MAGNITUDE),
        Between("sigmapsf_corr_positive", "sigmapsf_corr", 0, above_low=True),
        Between("sigmapsf_corr_ext_positive", "sigmapsf_corr_ext", 0, above_low=True),
        Among("isdiffpos_is_plus_or_minus_one_or_null", "isdiffpos", (1, -1)),
        _FID,
        Between("rb_between_zero_and_one", "rb", 0, 1),
        Between("drb_between_zero_and_one", "drb", 0, 1),
        _RA,
        _DEC,
    ),
    "non_detections": (_FID, _LIMIT),
    "releases": (
        Between("mag_in_survey_range", "mag", 7, 25),
        Between("magerr_positive", "magerr", 0, above_low=True),
        Between("catflags_not_negative", "catflags", 0),
        Among("filtercode_is_zg_zr_zi", "filtercode", ("zg", "zr", "zi")),
        _RA,
        _DEC,
    ),
    "catalogues": (
        _RA,
        _DEC,
        Between("period_positive", "period", 0, above_low=True),
        Between("redshift_in_range", "redshift", -0.1, 10),
    ),
    "forced": (
        _FID,
        _RA,
        _DEC,
        _LIMIT,
        # The flux itself may have either sign and any size, or be null: procstatus says why.
        Between("forcediffimfluxunc_positive", "forcediffimfluxunc", 0, above_low=True),
        Between("magzpsci_in_survey_range", "magzpsci", 20, 30),
        Between("exptime_positive", "exptime", 0, above_low=True),
        Between("scisigpix_positive", "scisigpix", 0, above_low=True),
        Between("sciinpseeing_positive", "sciinpseeing", 0, above_low=True),
        Among("programid_is_known", "programid", (0, 1, 2, 3)),
    ),
}
CHECKED = tuple(_RULES)
"""The tables with rules; TESS rows describe files, which are checked when they are received."""
IN_PACKETS_ONLY = ("forced",)
"""Those a night has only when its alerts came as packets."""
