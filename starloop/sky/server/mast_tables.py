"""What MAST says of a sky: its TESS observations, their files, and the stars of the TESS Input Catalog."""

import pyarrow as pa
import pyarrow.compute as pc

from starloop.sky.server.clock import View
from starloop.sky.server.sphere import Positions

_TEXT, _REAL, _INT = pa.string(), pa.float64(), pa.int64()
_Constants = dict[str, str | int | float]

# The TIC's columns in MAST's order (Stassun et al. 2019, doi:10.3847/1538-3881/ab3467).
_TIC_NAMES = (
    "ID", "version", "HIP", "TYC", "UCAC", "TWOMASS", "SDSS", "ALLWISE", "GAIA", "APASS", "KIC", "objType",
    "typeSrc", "ra", "dec", "POSflag", "pmRA", "e_pmRA", "pmDEC", "e_pmDEC", "PMflag", "plx", "e_plx", "PARflag",
    "gallong", "gallat", "eclong", "eclat", "Bmag", "e_Bmag", "Vmag", "e_Vmag", "umag", "e_umag", "gmag", "e_gmag",
    "rmag", "e_rmag", "imag", "e_imag", "zmag", "e_zmag", "Jmag", "e_Jmag", "Hmag", "e_Hmag", "Kmag", "e_Kmag",
    "TWOMflag", "prox", "w1mag", "e_w1mag", "w2mag", "e_w2mag", "w3mag", "e_w3mag", "w4mag", "e_w4mag", "GAIAmag",
    "e_GAIAmag", "Tmag", "e_Tmag", "TESSflag", "SPFlag", "Teff", "e_Teff", "logg", "e_logg", "MH", "e_MH", "rad",
    "e_rad", "mass", "e_mass", "rho", "e_rho", "lumclass", "lum", "e_lum", "d", "e_d", "ebv", "e_ebv", "numcont",
    "contratio", "disposition", "duplicate_id", "priority", "objID",
)  # fmt: skip
_TIC_TEXTS = {
    "ID", "version", "TYC", "UCAC", "TWOMASS", "SDSS", "ALLWISE", "GAIA", "APASS", "objType", "typeSrc", "POSflag",
    "PMflag", "PARflag", "TWOMflag", "TESSflag", "SPFlag", "lumclass", "disposition", "duplicate_id", "objID",
}  # fmt: skip
_TIC_INTS = {"HIP", "KIC", "numcont"}

_OBSERVATION: _Constants = {
    "intentType": "science",
    "obs_collection": "TESS",
    "instrument_name": "Photometer",
    "project": "TESS",
    "filters": "TESS",
    "wavelength_region": "Optical",
    "dataproduct_type": "timeseries",
    "calib_level": 3,
    "em_min": 600.0,
    "em_max": 1000.0,
    "dataRights": "PUBLIC",
}
_PRODUCT: _Constants = {
    "obs_collection": "TESS",
    "dataproduct_type": "timeseries",
    "description": "Light curves",
    "type": "S",
    "productType": "SCIENCE",
    "productGroupDescription": "Minimum Recommended Products",
    "productSubGroupDescription": "LC",
    "dataRights": "PUBLIC",
    "calib_level": 3,
}


def observations(view: View) -> pa.Table:
    """Give one row a TESS light curve, with the columns of MAST's observation model."""
    files = view.tess
    return _filled(
        {
            "target_name": pc.cast(files["tic"], _TEXT),
            "obs_id": files["obs_id"],
            "provenance_name": files["author"],
            "sequence_number": files["sector"],
            "s_ra": files["ra"],
            "s_dec": files["dec"],
            "t_min": files["t_min"],
            "t_max": files["t_max"],
            "t_exptime": files["exptime"],
            "obs_title": pa.nulls(len(files), _TEXT),
            "proposal_id": pa.nulls(len(files), _TEXT),
            "proposal_pi": pa.nulls(len(files), _TEXT),
            "target_classification": pa.nulls(len(files), _TEXT),
            "t_obs_release": pa.nulls(len(files), _REAL),
            "s_region": pa.nulls(len(files), _TEXT),
            "jpegURL": pa.nulls(len(files), _TEXT),
            "dataURL": _uris(files),
            "obsid": pc.cast(files["obsid"], _TEXT),
            "objID": pc.cast(files["obsid"], _TEXT),
        },
        _OBSERVATION,
    )


def products(view: View) -> pa.Table:
    """Give one row a file: the light curve of each observation."""
    files = view.tess
    return _filled(
        {
            "obsID": pc.cast(files["obsid"], _TEXT),
            "obs_id": files["obs_id"],
            "dataURI": _uris(files),
            "productDocumentationURL": pa.nulls(len(files), _TEXT),
            "project": files["author"],
            "prvversion": pa.nulls(len(files), _TEXT),
            "proposal_id": pa.nulls(len(files), _TEXT),
            "productFilename": files["filename"],
            "size": files["size"],
            "parent_obsid": pc.cast(files["obsid"], _TEXT),
        },
        _PRODUCT,
    )


def stars(view: View) -> pa.Table:
    """Give one row a star, with the TIC's columns; a sky directory knows only numbers and positions.

    The TIC is timeless: the same stars are in it on every night.
    """
    known = {"ID": pc.cast(view.stars["tic"], _TEXT), "ra": view.stars["ra"], "dec": view.stars["dec"]}
    return pa.table({name: known.get(name, pa.nulls(len(view.stars), _tic_type(name))) for name in _TIC_NAMES})


def observed_at(view: View) -> Positions:
    """Index where the observations point."""
    return Positions(view.tess["ra"].to_numpy(), view.tess["dec"].to_numpy())


def stars_at(view: View) -> Positions:
    """Index where the stars are."""
    return Positions(view.stars["ra"].to_numpy(), view.stars["dec"].to_numpy())


def _tic_type(name: str) -> pa.DataType:
    return _TEXT if name in _TIC_TEXTS else _INT if name in _TIC_INTS else _REAL


def _uris(files: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise("mast:TESS/product", files["filename"], "/")


def _filled(columns: dict[str, pa.ChunkedArray], constants: _Constants) -> pa.Table:
    rows = len(columns["obs_id"])
    return pa.table(columns | {name: pa.repeat(value, rows) for name, value in constants.items()})
