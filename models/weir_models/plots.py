"""Plots as PNG. Sizes and colours come from the settings; nothing needs a screen."""

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from .explanation import group_importance
from .feature_lists import feature_names
from .settings import Settings
from .training import Trained
from .training_set import TrainingSet

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (the back end must be chosen first)

#: Without a date or version inside, the same plot is the same file.
_NO_METADATA = {"Software": None}


def draw_all(folder: Path, trained: Trained, data: TrainingSet, settings: Settings) -> list[str]:
    """Draws what the rows allow, and gives the names of the files without `.png`."""
    plots: dict[str, Callable] = {"distributions": _distributions}
    if len(data.attacks):
        plots |= {"roc": _roc, "precision-recall": _precision_recall, "confusion": _confusion}
    if trained.model:
        plots |= {"importance": _importance}
    else:
        plots |= {"scatter": _scatter}
    for name, draw in plots.items():
        _save(folder / f"{name}.png", settings, lambda axes: draw(axes, trained, data, settings))
    return list(plots)


def _save(path: Path, settings: Settings, draw: Callable) -> None:
    chosen = settings.plots
    figure, axes = pyplot.subplots(figsize=(chosen.width_inches, chosen.height_inches), dpi=chosen.dots_per_inch)
    draw(axes)
    figure.tight_layout()
    figure.savefig(path, metadata=_NO_METADATA)
    pyplot.close(figure)


def _distributions(axes, trained: Trained, data: TrainingSet, settings: Settings) -> None:
    both = np.concatenate([trained.benign_scores, trained.attack_scores])
    bins = np.linspace(both.min(), np.quantile(both, 0.999) + 1e-9, 60)
    for name, scores, colour in _sides(trained, settings):
        if len(scores):
            axes.hist(np.clip(scores, bins[0], bins[-1]), bins, density=True, alpha=0.6, color=colour, label=name)
    axes.set(xlabel="score", ylabel="density", yscale="log", title="Scores of rows not learned from")
    axes.legend()


def _sides(trained: Trained, settings: Settings):
    yield "benign", trained.benign_scores, settings.plots.benign_colour
    yield "attacks", trained.attack_scores, settings.plots.attack_colour


def _truth(trained: Trained) -> tuple[np.ndarray, np.ndarray]:
    truth = np.repeat([0, 1], [len(trained.benign_scores), len(trained.attack_scores)])
    return truth, np.concatenate([trained.benign_scores, trained.attack_scores])


def _roc(axes, trained: Trained, _data: TrainingSet, settings: Settings) -> None:
    alarms, found, _ = roc_curve(*_truth(trained))
    axes.plot(alarms, found, color=settings.plots.attack_colour)
    axes.axvline(settings.calibration.alarm_rate, color="grey", linestyle=":", label="wanted rate")
    axes.set(xscale="log", xlim=(1e-4, 1), ylim=(0, 1.02), xlabel="false alarms per benign row", ylabel="attack rows found")
    axes.legend()


def _precision_recall(axes, trained: Trained, _data: TrainingSet, settings: Settings) -> None:
    precision, recall, _ = precision_recall_curve(*_truth(trained))
    axes.plot(recall, precision, color=settings.plots.attack_colour)
    axes.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02), title="In this mix of rows, which is not that of a network")


def _confusion(axes, trained: Trained, _data: TrainingSet, settings: Settings) -> None:
    alarm = lambda scores: trained.calibration.tail_probability(scores) <= settings.calibration.alarm_rate
    table = [[(~alarm(s)).sum(), alarm(s).sum()] for s in (trained.benign_scores, trained.attack_scores)]
    shares = np.array(table) / np.maximum(np.sum(table, axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(shares):
        axes.text(column, row, f"{table[row][column]:,}", ha="center", color="white" if share > 0.5 else "black")
    axes.set(xticks=[0, 1], yticks=[0, 1], xticklabels=["quiet", "alarm"], yticklabels=["benign", "attack"])


def _importance(axes, trained: Trained, data: TrainingSet, settings: Settings) -> None:
    strangest = data.attacks if len(data.attacks) else data.benign
    shares = group_importance(trained.model, strangest.features, data.list_name)
    names = sorted(shares, key=shares.get)[-12:]
    axes.barh(names, [shares[name] for name in names], color=settings.plots.attack_colour)
    axes.set(xlabel="share of the score that a benign median takes away")


def _scatter(axes, trained: Trained, data: TrainingSet, settings: Settings) -> None:
    """Amount against duration (or the first two features), sized alike; what is strange stands out by colour."""
    names = ("durationS", "originatorPayloadBytes") if data.list_name == "flow" else None
    for name, rows, colour in (("benign", data.benign, "benign_colour"), ("attacks", data.attacks, "attack_colour")):
        x, y = _two_columns(rows, names)
        axes.scatter(np.log1p(x), np.log1p(y), s=3, alpha=0.3, color=getattr(settings.plots, colour), label=name)
    first, second = names or ("first feature", "second feature")
    axes.set(xlabel=f"ln(1 + {first})", ylabel=f"ln(1 + {second})")
    axes.legend()


def _two_columns(rows, names) -> tuple[np.ndarray, np.ndarray]:
    at = [feature_names(rows.list_name).index(name) for name in names] if names else [0, 1]
    return tuple(np.abs(np.nan_to_num(rows.features[:, column])) for column in at)
