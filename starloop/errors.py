"""The errors a person meets: one sentence each, with the exit code the command ends with."""


class StarloopError(Exception):
    """Something went wrong inside a run; the run stops and nothing is half-written."""

    exit_code = 1


class BadInput(StarloopError):
    """The request cannot be met as given (night, sky, state); nothing was touched."""

    exit_code = 2


class UnknownObject(BadInput):
    """No archive of the sky knows the object, or there is nothing of it to classify."""


class NotServed(BadInput):
    """No endpoint runs that could be asked."""


class OldModel(BadInput):
    """The model was written by code that kept other facts of it; one trained now takes its place."""


class ArchiveDown(StarloopError):
    """An archive does not answer; nothing was touched, and the same run can be repeated later."""

    exit_code = 2


class RegistryDown(StarloopError):
    """The registry does not answer; nothing was touched, and the same run can be repeated later."""

    exit_code = 2


class Imbalance(StarloopError):
    """The ledger's counts do not add up: rows or objects were lost or doubled."""


class CheckFailed(StarloopError):
    """A table failed its suite as a whole; nothing downstream has seen the night."""


class NotPromoted(StarloopError):
    """The endpoint or the registry could not be moved to the asked version; the old one still serves."""


class Busy(NotPromoted):
    """Another run works on the endpoint just now; nothing was touched, and the same can be asked again."""
