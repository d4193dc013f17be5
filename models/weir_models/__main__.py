"""`python -m weir_models train|try|pretrain|evaluate`: see models/README.md."""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

# Before numpy loads: threads that wait for each other cost three times the work on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from .capture_rows import write_capture_rows
from .evaluation_page import CICIDS_ROWS, figures, into_page, read_tables, table_in_context
from .mlflow_server import log_and_register, server_from_environment
from .pretraining import IN_USE, PRETRAINED, capture_sources, held_out_labels, pretraining_settings, table_sources
from .registry import list_of, model_id, models_in_use, write_fixture, write_model, write_use
from .report import metrics_of, write_report
from .rows import BENIGN, Rows, joined
from .settings import Settings, default_settings, parameters_of, read_settings
from .tables import read_table
from .training import train_all
from .training_set import Source, TrainingSet, read_source, training_set
from .trial import shipped, tried


def main(arguments: list[str]) -> int:
    """Exit code 0, or 2 with a message when the input or the settings are wrong."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, OSError) as error:
        print(f"weir_models: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m weir_models")
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train", help="learn from feature rows and flow tables")
    train.add_argument("tables", nargs="+", type=Path, help="rows of `weir features`, flow records, CICIDS2017, Zeek conn")
    _add_context(train)
    _add_output(train).set_defaults(run=_train)
    trial = commands.add_parser("try", help="figures of a trained model on a labelled table")
    trial.add_argument("table", type=Path, help="rows of `weir features --truth`, CICIDS2017, labelled Zeek conn")
    trial.add_argument("--model", default="flow-fusion", help="its name in the registry")
    trial.add_argument("--registry", type=Path, default=Path("models/registry"), help="folder of models")
    trial.add_argument("--alarm-rate", type=float, default=0.001, help="false alarms per benign row that are accepted")
    _add_context(trial)
    trial.set_defaults(run=_try)
    pretrain = commands.add_parser("pretrain", help="make the models that ship with Weir")
    pretrain.add_argument("--data", type=Path, required=True, help="folder of manifest_pcap.csv, scenario/ and flows/")
    pretrain.add_argument("--rows", type=Path, required=True, help="folder of the captures' feature rows, a folder a list; made where they are missing")
    pretrain.add_argument("--list", nargs="+", choices=PRETRAINED, default=PRETRAINED, help="feature lists; all without it")
    _add_output(pretrain, fixtures=Path("models/fixtures")).set_defaults(run=_pretrain)
    evaluate = commands.add_parser("evaluate", help="the tables of docs/evaluation-models.md")
    evaluate.add_argument("--data", type=Path, required=True, help="folder of the flow tables")
    evaluate.add_argument("--settings", type=Path, help="JSON file of settings")
    evaluate.add_argument("--page", type=Path, help="page to write them into, between its marks")
    evaluate.set_defaults(run=_evaluate)
    return parser


def _add_output(parser: argparse.ArgumentParser, fixtures: Path | None = None) -> argparse.ArgumentParser:
    parser.add_argument("--out", type=Path, default=Path("models/registry"), help="where model folders go")
    parser.add_argument("--fixtures", type=Path, default=fixtures, help="also write rows with expected scores here, for tests")
    parser.add_argument("--settings", type=Path, help="JSON file of settings")
    return parser


def _add_context(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--context", action="store_true", help="tell of each flow of a table what was done before it")
    parser.add_argument("--whole", type=Path, help="JSON file, class → rows before the table was sampled (benign too): attacks are thinned to the density of benign rows")


def _train(options: argparse.Namespace) -> None:
    sources = [read_source(path) for path in options.tables]
    told = [replace(one, rows=_told(one.rows, options)) for one in sources]
    learn(told, options, _settings(options, told[0].rows.list_name))


def _told(rows: Rows, options: argparse.Namespace) -> Rows:
    """The rows, in context where that is asked for."""
    if not options.context or rows.list_name == "flow-context":
        return rows
    if rows.list_name != "flow":
        raise ValueError(f'"--context" tells what was done before a flow, and these are rows of "{rows.list_name}". Leave it out.')
    whole = json.loads(options.whole.read_text(encoding="utf-8")) if options.whole else CICIDS_ROWS
    if rows.attacks().label.size and BENIGN not in whole:
        raise ValueError(f'{options.whole} does not say how many rows of "{BENIGN}" there were. Add it: attacks are thinned to their density.')
    return joined(list(table_in_context(rows, Settings().seed, whole)))


def _try(options: argparse.Namespace) -> None:
    rows = _told(read_table(options.table), options)
    print(tried(shipped(options.registry, options.model, rows.list_name), rows, options.alarm_rate))


def _pretrain(options: argparse.Namespace) -> None:
    held_out = held_out_labels(options.data / "scenario" / "scenario_dev_truth.csv")
    for list_name in options.list:
        settings = read_settings(options.settings, list_name) if options.settings else pretraining_settings(list_name)
        rows = options.rows / list_name
        for path in write_capture_rows(options.data, rows, list_name, held_out):
            print(f"{path}: rows of {list_name}", flush=True)
        captures = capture_sources(options.data / "manifest_pcap.csv", rows, held_out)
        learn(captures + table_sources(options.data, list_name, settings.seed), options, settings)
    write_use(options.out, list(IN_USE))


def _evaluate(options: argparse.Namespace) -> None:
    page = options.page.read_text(encoding="utf-8") if options.page else None
    told = []
    for table in figures(read_tables(options.data), lambda list_name: _settings(options, list_name)):
        print(table, flush=True)
        told.append(table)
    if page is not None:
        options.page.write_text(into_page(page, told), encoding="utf-8")


def _settings(options: argparse.Namespace, list_name: str) -> Settings:
    return read_settings(options.settings, list_name) if options.settings else default_settings(list_name)


def learn(sources: list[Source], options: argparse.Namespace, settings: Settings) -> None:
    """Trains, then writes model folders, `default.json` and, when asked, fixtures."""
    server = server_from_environment()
    data = training_set(sources, settings)
    trained = train_all(data, settings, tell=lambda text: print(text, flush=True))
    for kind, one in trained.items():
        metrics = metrics_of(one, data, settings)
        folder = write_model(options.out, one, data, settings, metrics)
        write_report(folder, one, data, settings, metrics)
        if options.fixtures and one.model:
            write_fixture(options.fixtures / f"{model_id(data.list_name, kind)}.json", one, data, settings)
        if server:
            version = log_and_register(server, folder, metrics, parameters_of(settings))
            print(f"{folder.name}: version {version} in MLflow at {server.uri}")
        found = f"{metrics['recall']:.2f} found at " if "recall" in metrics else ""
        print(f"{folder}: {found}{metrics['realisedRate']:.4f} false alarms a row")
    _write_default(options.out, data, "fusion" if "fusion" in trained else next(iter(trained)))


def _write_default(registry: Path, data: TrainingSet, kind: str) -> None:
    """What is used when nothing is said: one model a feature list; what other lists use stays."""
    others = [one for one in models_in_use(registry) if list_of(registry, one) != data.list_name]
    write_use(registry, [*others, model_id(data.list_name, kind)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
