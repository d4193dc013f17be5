"""Runs the protocol on the development tables and writes the figures as tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from .context import flows_in_context
from .evaluation import Outcome, across, evaluate
from .learners import LEARNERS
from .measures import area_under_roc, f1
from .rows import Rows
from .settings import Settings
from .tables import read_table
from .tables.nsl_kdd import KddRows, read_nsl_kdd

#: Rows of each class in all three days of the corrected CICIDS2017 (Liu and others 2022), to know how densely it was sampled.
CICIDS_ROWS = {
    "benign": 1_000_000,
    "FTP-Patator": 3972,
    "SSH-Patator": 2961,
    "DoS Slowloris": 3859,
    "DoS Slowhttptest": 1740,
    "DoS Hulk": 158_468,
    "DoS GoldenEye": 7567,
    "Heartbleed": 11,
}


@dataclass(frozen=True)
class Tables:
    cicids: Rows
    iot: Rows
    kdd: KddRows


def read_tables(folder: Path) -> Tables:
    cicids, iot = (read_table(folder / name) for name in ("cicids2017_improved_dev.csv", "iot23_zeek_dev.csv"))
    return Tables(cicids.in_time_order(), iot.in_time_order(), read_nsl_kdd(folder / "KDDTrain+_20Percent.txt"))


def kept_shares(rows: Rows) -> dict[str, float]:
    """Class → share of its rows to keep, so that all are as dense as the benign ones."""
    density = {one: (rows.label == one).sum() / whole for one, whole in CICIDS_ROWS.items()}
    return {one: density["benign"] / share for one, share in density.items() if one != "benign" and share > 0}


def table_in_context(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Benign rows and attacks of a table with what was done before each, as dense as the benign ones are."""
    return flows_in_context(rows.benign(), rows.attacks(), kept_shares(rows), seed)


def figures(tables: Tables, settings: Settings) -> Iterator[str]:
    """The tables of the page in Markdown, one after the other."""
    yield from _within("CICIDS2017 corrected", tables.cicids, settings)
    yield _kdd(tables.kdd, settings)
    yield _across(tables, settings)
    yield from _within("IoT-23", tables.iot, settings)


def _within(name: str, rows: Rows, settings: Settings) -> Iterator[str]:
    plain = (rows.benign(), rows.attacks())
    for what, of in (("flows", plain), ("flows in context", table_in_context(rows, settings.seed))):
        for attacks, outcomes in evaluate(*of, settings).items():
            yield f"### {name}: {what}, {attacks} attack classes\n\n{_table(outcomes)}\n"


def _table(outcomes: list[Outcome]) -> str:
    classes = list(outcomes[0].recall)
    head = ["Model", "mean recall (95 %)", "realised rate (95 %)", "AUC", *classes]
    lines = [_line(head), "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join(lines + [_line(_cells(one, classes)) for one in outcomes])


def _cells(one: Outcome, classes: list[str]) -> list[str]:
    span = lambda ends, digits: " to ".join(f"{end:.{digits}f}" for end in ends)
    recall = f"{one.mean_recall:.2f} ({span(one.recall_interval, 2)})"
    rate = f"{one.rate:.4f} ({span(one.rate_interval, 4)})"
    return [one.model, recall, rate, f"{one.area:.3f}", *(f"{one.recall[name]:.2f}" for name in classes)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _across(tables: Tables, settings: Settings) -> str:
    lines = ["### Trained on one, tried on the other", "", _line(["Trained on → tried on", "Model", "AUC", "mean recall", "realised rate"])]
    lines.append("|---|---|--:|--:|--:|")
    pairs = (("CICIDS2017 → IoT-23", tables.cicids, tables.iot), ("IoT-23 → CICIDS2017", tables.iot, tables.cicids))
    for name, here, there in pairs:
        for kind in LEARNERS:
            told = across(here.benign(), here.attacks(), there.benign(), there.attacks(), kind, settings)
            lines.append(_line([name, kind, f"{told[0]:.3f}", f"{told[1]:.2f}", f"{told[2]:.4f}"]))
    return "\n".join([*lines, ""])


def _kdd(rows: KddRows, settings: Settings) -> str:
    """A random 70 : 30 split: the table has no times."""
    test = np.random.default_rng(settings.seed).random(len(rows.attack)) < 0.3
    trees = HistGradientBoostingClassifier(max_iter=settings.boosting.trees, random_state=settings.seed)
    trees.fit(rows.features[~test], rows.attack[~test])
    score, truth = trees.decision_function(rows.features[test]), rows.attack[test]
    area, balance = area_under_roc(score[~truth], score[truth]), f1(score[~truth], score[truth], 0)
    volume = np.log1p(rows.features[test][:, 4] + rows.features[test][:, 5])
    trivial = area_under_roc(volume[~truth], volume[truth])
    head = ["### NSL-KDD (legacy), boosting, random 70 : 30 split of the 20 % table", "", "| | AUC | F1 |", "|---|--:|--:|"]
    return "\n".join([*head, f"| boosting | {area:.4f} | {balance:.4f} |", f"| volume threshold | {max(trivial, 1 - trivial):.4f} | |", ""])
