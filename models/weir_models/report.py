"""What a training run tells: figures for the manifest, and a page with plots for people."""

from pathlib import Path

import numpy as np

from .measures import area_under_roc, rate_interval, recall_by_class
from .plots import draw_all
from .settings import Settings
from .training import Trained
from .training_set import TrainingSet


def metrics_of(trained: Trained, data: TrainingSet, settings: Settings) -> dict:
    """On rows unseen in fitting. Attack classes are known ones to boosting: their other rows were learned from."""
    rate = settings.calibration.alarm_rate
    p = trained.calibration.tail_probability
    alarms = p(trained.benign_scores) <= rate
    found = recall_by_class(p(trained.attack_scores) <= rate, data.attacks.label)
    metrics = {
        "alarmRate": rate,
        "benignRows": len(alarms),
        "realisedRate": float(alarms.mean()),
        "realisedRateInterval": list(rate_interval(alarms)),
    }
    if found:
        metrics["recall"] = float(np.mean(list(found.values())))
        metrics["recallByClass"] = found
        metrics["areaUnderRoc"] = area_under_roc(trained.benign_scores, trained.attack_scores)
    return metrics


def write_report(folder: Path, trained: Trained, data: TrainingSet, settings: Settings, metrics: dict) -> None:
    """`report.md` and its plots, beside the manifest."""
    plots = draw_all(folder, trained, data, settings)
    lines = [f"# {data.list_name} {trained.kind}", "", *_summary(trained, data, metrics), "", *_recall_table(metrics)]
    lines += ["", *(f"![{name}]({name}.png)" for name in plots), ""]
    (folder / "report.md").write_text("\n".join(lines), encoding="utf-8")


def _summary(trained: Trained, data: TrainingSet, metrics: dict) -> list[str]:
    low, high = metrics["realisedRateInterval"]
    return [
        f"Trained on {len(data.benign):,} benign and {len(data.attacks):,} attack rows. All figures are of rows that were "
        "not learned from: each stretch of time is scored by a model of the others.",
        "",
        f"At a wanted rate of {metrics['alarmRate']:g} false alarms a benign row: {metrics['realisedRate']:.4f} realised "
        f"(95 %: {low:.4f} to {high:.4f}). The sample cannot speak for rates below {trained.calibration.smallest_rate:.2g}.",
    ]


def _recall_table(metrics: dict) -> list[str]:
    if "recallByClass" not in metrics:
        return ["No attack rows, so nothing can be said about what it finds."]
    rows = [f"| {name} | {found:.2f} |" for name, found in metrics["recallByClass"].items()]
    mean = f"| mean of classes | {metrics['recall']:.2f} |"
    return ["| Attack class | Found |", "|---|--:|", *rows, mean, "", f"Area under ROC: {metrics['areaUnderRoc']:.3f}."]
