"""Runs the protocol on the development tables and writes the figures as tables, alone or into the page of documentation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from .context import flows_in_context
from .evaluation import LOCAL, Outcome, across, across_with_local, evaluate, known_classes
from .feature_lists import feature_names
from .learners import LEARNERS
from .measures import area_under_roc, f1
from .rows import BENIGN, Rows
from .settings import Settings
from .tables import read_table
from .tables.nsl_kdd import KddRows, read_nsl_kdd

#: Rows of each class in all three days of the corrected CICIDS2017 (Liu and others 2022), to know how densely it was sampled.
CICIDS_ROWS = {
    BENIGN: 1_000_000,
    "FTP-Patator": 3972,
    "SSH-Patator": 2961,
    "DoS Slowloris": 3859,
    "DoS Slowhttptest": 1740,
    "DoS Hulk": 158_468,
    "DoS GoldenEye": 7567,
    "Heartbleed": 11,
}


#: Between these lines of the page stands what `python -m weir_models evaluate --page` wrote.
BEGIN, END = "<!-- written by `python -m weir_models evaluate` -->", "<!-- end of what is written -->"


@dataclass(frozen=True)
class Tables:
    cicids: Rows
    iot: Rows
    kdd: KddRows


def read_tables(folder: Path) -> Tables:
    cicids, iot = (read_table(folder / name) for name in ("cicids2017_improved_dev.csv", "iot23_zeek_dev.csv"))
    return Tables(cicids.in_time_order(), iot.in_time_order(), read_nsl_kdd(folder / "KDDTrain+_20Percent.txt"))


def kept_shares(rows: Rows, whole: dict[str, int] = CICIDS_ROWS) -> dict[str, float]:
    """Class → share of its rows to keep, so that all are as dense as the benign ones; `whole` has the rows before sampling."""
    density = {one: (rows.label == one).sum() / count for one, count in whole.items()}
    return {one: density[BENIGN] / share for one, share in density.items() if one != BENIGN and share > density[BENIGN]}


def table_in_context(rows: Rows, seed: int, whole: dict[str, int] = CICIDS_ROWS) -> tuple[Rows, Rows]:
    """Benign rows and attacks of a table with what was done before each, as dense as the benign ones are."""
    return flows_in_context(rows.benign(), rows.attacks(), kept_shares(rows, whole), seed)


#: Settings by feature list.
SettingsOf = Callable[[str], Settings]


def figures(tables: Tables, settings_of: SettingsOf) -> Iterator[str]:
    """The tables of the page in Markdown, one after the other."""
    flow = settings_of("flow")
    yield from _within("CICIDS2017 corrected", tables.cicids, settings_of)
    yield _kdd(tables.kdd, flow)
    yield _across(tables, flow)
    yield from _within("IoT-23", tables.iot, settings_of)
    yield _doubted(tables.iot, settings_of)


def into_page(page: str, told: list[str]) -> str:
    """`page` with `told` between its marks. Raises ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no lines {BEGIN} and {END} to write between. Add them where the tables are to stand.")
    return "\n".join([before + begin, "", *told, ""]) + end + after


def _within(name: str, rows: Rows, settings_of: SettingsOf) -> Iterator[str]:
    context = settings_of("flow-context")
    flows = ("flows", (rows.benign(), rows.attacks()), settings_of("flow"))
    in_context = ("flows in context", table_in_context(rows, context.seed), context)
    for what, of, settings in (flows, in_context):
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
            lines.append(_across_line(name, kind, told))
        both = across_with_local(here.benign(), here.attacks(), there.benign(), there.attacks(), settings)
        lines.append(_across_line(name, f"boosting, and {', '.join(LOCAL)} of the place", both))
    return "\n".join([*lines, ""])


def _across_line(name: str, model: str, told: tuple[float, float, float]) -> str:
    return _line([name, model, f"{told[0]:.3f}", f"{told[1]:.2f}", f"{told[2]:.4f}"])


def _doubted(rows: Rows, settings_of: SettingsOf) -> str:
    """Known classes once more without benign rows that look like the malware's own; figures of what is left."""
    context = settings_of("flow-context")
    lines = ["### IoT-23: known attack classes, without benign rows that are doubted", ""]
    flows = ("Flows", (rows.benign(), rows.attacks()), settings_of("flow"))
    for what, (benign, attacks), settings in (flows, ("Flows in context", table_in_context(rows, context.seed), context)):
        for which, kept in _believed(benign, attacks).items():
            outcomes = known_classes(benign.where(kept), attacks, settings)
            lines += [f"{what}, benign rows {which} ({kept.sum():,}):", "", _table(outcomes), ""]
    return "\n".join(lines)


def _believed(benign: Rows, attacks: Rows) -> dict[str, np.ndarray]:
    """Masks of benign rows: all, and those that are left when one kind of doubtful ones goes after the other."""
    to_server, to_dead = doubtful(benign, attacks)
    sets = {"as labelled": np.ones(len(benign), dtype=bool), "without calls to the C&C server": ~to_server}
    return sets | {"also without those to services that never answer": ~(to_server | to_dead)}


def doubtful(benign: Rows, attacks: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Masks of benign rows of attacking hosts: those to a server of command and control, and other TCP to services that never answered."""
    of = lambda some, name: some.features[:, feature_names("flow").index(name)] == 1
    service = lambda some: list(zip(some.destination, some.destination_port))
    control = attacks.where(attacks.label == "C&C")
    answering = {one for some in (benign, attacks) for one, did in zip(service(some), of(some, "answered")) if did}
    suspect = np.isin(benign.source, np.unique(attacks.source.astype(str)))
    to_server = suspect & np.isin(benign.destination, np.unique(control.destination.astype(str)))
    dead = np.array([one not in answering for one in service(benign)])
    return to_server, suspect & dead & of(benign, "protocolTcp") & ~to_server


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
