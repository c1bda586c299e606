"""Where the archives are, how gently they are asked, and what each must always be able to give."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Frozen(BaseModel):
    """A part of the settings that cannot be changed, nor misspelt."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchiveSettings(Frozen):
    """One archive.

    Parameters
    ----------
    url : str
        Its address, without a trailing slash.
    rate_per_s : float or None
        Requests a second it is asked at most; None is without limit, for a server of one's own.
    connections : int
        Requests under way at the same time, at most.
    deadline_s : float
        How long one request may take as a whole: connecting, waiting, and the whole body.
    """

    url: str
    rate_per_s: float | None = Field(5.0, gt=0)
    connections: int = Field(4, ge=1, le=32)
    deadline_s: float = Field(60.0, gt=0)


class Canaries(Frozen):
    """What each archive must always give: an archive that is silent about it is not to be believed about the rest.

    None where there is no such thing, as in a small sky.

    Parameters
    ----------
    oid : str or None
        A ZTF object that ALeRCE has detections of.
    epochs : tuple of float or None
        A position (deg) with data-release epochs at IRSA.
    star : tuple of float or None
        A position (deg) of a TIC star.
    tic : int or None
        A star with a SPOC light curve at MAST.
    entries : dict of str to tuple of float
        By VizieR table: the position (deg) of one of its entries.
    transient : str or None
        A ZTF object in the Bright Transient Survey.
    """

    oid: str | None = "ZTF20aaelulu"
    epochs: tuple[float, float] | None = (234.88400, 50.46078)
    star: tuple[float, float] | None = (84.29120, -80.46912)
    tic: int | None = 261136679
    entries: dict[str, tuple[float, float]] = {
        "B/vsx/vsx": (291.36630, 42.78436),  # RR Lyr
        "J/ApJS/249/18/table2": (25.24054, 58.37819),  # ZTFJ014057.73+582241.5
        "VII/290": (187.27792, 2.05239),  # 3C 273
    }
    transient: str | None = "ZTF20aaelulu"


class Credentials(Frozen):
    """Who asks. Public data need none of these; each is shown to its archive only where it is set."""

    mast_token: SecretStr | None = None
    irsa_user: SecretStr | None = None
    irsa_password: SecretStr | None = None
    alerce_token: SecretStr | None = None


class Archives(Frozen):
    """All archives. No rate limits are published: these rates are what one polite user would ask."""

    alerce: ArchiveSettings = ArchiveSettings(url="https://api.alerce.online", rate_per_s=20, connections=8)
    irsa: ArchiveSettings = ArchiveSettings(
        url="https://irsa.ipac.caltech.edu/cgi-bin/ZTF/nph_light_curves", rate_per_s=5, connections=4
    )
    mast: ArchiveSettings = ArchiveSettings(url="https://mast.stsci.edu", rate_per_s=10, connections=4, deadline_s=120)
    xmatch: ArchiveSettings = ArchiveSettings(
        url="http://cdsxmatch.u-strasbg.fr/xmatch/api/v1/sync", rate_per_s=1, connections=1, deadline_s=300
    )
    tap: ArchiveSettings = ArchiveSettings(
        url="https://tapvizier.cds.unistra.fr/TAPVizieR/tap", rate_per_s=5, connections=2
    )
    bts: ArchiveSettings = ArchiveSettings(
        url="https://sites.astro.caltech.edu/ztf/bts/explorer.php", rate_per_s=1, connections=1, deadline_s=120
    )
    packets: Path | None = None
    """Folder of ZTF alert packets (Avro) to take the alerts from instead of ALeRCE."""
    collection: str | None = None
    """IRSA's data release, such as ``ztf_dr24``; the newest one unless set."""
    canaries: Canaries = Canaries()
    credentials: Credentials = Credentials()
