"""Numbers that follow from an object's own: identifiers unique in the whole sky, and luck that no batch changes."""

import numpy as np
import pyarrow as pa

from starloop.sky.populations.objects import Ints, Reals

MOST_OBJECTS = 10**7
"""An object's number is smaller than this: identifiers have room for seven digits of it."""

ZTF_EPOCH_MJD = 57754.0

_CHANNELS = 64
_FIRST_FIELD = 245
# Odd and not a multiple of five: products differ for all numbers below a power of ten.
_STEP = 7_654_321


def luck(number: Ints, purpose: int) -> Reals:
    """Give a number from 0 to 1 that looks random but follows from each object's number (splitmix64's mixer)."""
    mixed = number.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = mixed + np.uint64(purpose * 0x632BE59BD9B4E019 % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return np.asarray((mixed >> np.uint64(11)) / 2.0**53)


def channel_of(number: Ints) -> Ints:
    """Give the readout channel, 0 to 63, an object falls on."""
    return np.asarray((luck(number, 1) * _CHANNELS).astype(np.int64))


def candids(number: Ints, mjd: Reals) -> pa.Array:
    """Write each alert's identifier: the exposure's time, the readout channel, the object's number."""
    exposure = np.floor((mjd - ZTF_EPOCH_MJD) * 1e6).astype(np.int64)
    return pa.array(exposure * 10**9 + channel_of(number) * MOST_OBJECTS + number).cast(pa.string())


def field_number(field: Ints) -> Ints:
    """Give a field's number as the survey writes it."""
    return _FIRST_FIELD + field


def source_oids(number: Ints, field: Ints, fid: Ints, epoch: int) -> Ints:
    """Write a data release's identifiers: field, filter, chip, quadrant, and a source that each release counts anew.

    Parameters
    ----------
    number, field, fid : arrays of one shape
    epoch : int
        The data release, from 1 to 9.
    """
    channel = channel_of(number)
    source = epoch * MOST_OBJECTS + (number * _STEP + epoch * 1_111_111) % MOST_OBJECTS
    return ((field_number(field) * 10 + fid) * 100 + channel // 4 + 1) * 10**9 + (channel % 4 + 1) * 10**8 + source
