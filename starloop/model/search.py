"""A search for better training knobs, within a budget."""

from typing import Any

from starloop.model.boosting import Rows, hold_out
from starloop.model.calibrating import calibrate, log_loss
from starloop.model.params import TrainParams

SPACE: dict[str, tuple[float, float]] = {
    "max_depth": (2, 8),
    "eta": (0.02, 0.3),
    "min_child_weight": (0.5, 20),
    "subsample": (0.5, 1),
    "colsample_bytree": (0.1, 1),
    "class_weight": (0, 1),
}
"""Bounds of the knobs that are searched; `max_depth` is whole, `eta` and `min_child_weight` go by their logarithm."""
_LOGARITHMIC = {"eta", "min_child_weight"}


def search(rows: Rows, params: TrainParams) -> tuple[TrainParams, list[dict[str, Any]]]:
    """Try knobs and give the best.

    A trial's value is the log loss of the calibrated probabilities of all rows, each held out with its position. The
    first trial are the knobs as given; the others are drawn by a tree-structured Parzen estimator.

    Parameters
    ----------
    rows : Rows
        Training rows.
    params : TrainParams
        The knobs, the budget (`search`) and the seed.

    Returns
    -------
    params : TrainParams
        Those of the best trial, or the given ones when there was none.
    trials : list of dict
        ``number``, ``params`` and ``value``, in the order they were made.

    References
    ----------
    Bergstra et al. 2011, https://papers.nips.cc/paper/4443
    """
    if not params.search.trials:
        return params, []
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=params.seed))
    study.enqueue_trial({name: getattr(params, name) for name in SPACE})

    def value(trial: optuna.Trial) -> float:
        return _value(rows, params.model_copy(update=_drawn(trial)))

    study.optimize(value, n_trials=params.search.trials, timeout=params.search.seconds)
    made = study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    trials: list[dict[str, Any]] = [{"number": one.number, "params": one.params, "value": one.value} for one in made]
    best = min(trials, key=lambda one: one["value"])["params"] if trials else {}
    return params.model_copy(update=best), trials


def _drawn(trial: Any) -> dict[str, float]:
    return {
        name: trial.suggest_int(name, int(low), int(high))
        if name == "max_depth"
        else trial.suggest_float(name, low, high, log=name in _LOGARITHMIC)
        for name, (low, high) in SPACE.items()
    }


def _value(rows: Rows, params: TrainParams) -> float:
    held_out = hold_out(rows, params)
    weights = rows.class_weights(params.class_weight)
    calibration = calibrate(held_out.probabilities, rows.truth, held_out.fold, weights, params.seed)
    return round(log_loss(calibration.applied(held_out.probabilities), rows.truth), 9)
