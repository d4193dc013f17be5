"""Made-up traffic: benign rows of two kinds, and attacks that differ from both."""

import numpy as np
import pytest

from weir_models.feature_lists import feature_names
from weir_models.rows import BENIGN, Rows
from weir_models.settings import settings_from
from weir_models.training_set import Source, training_set

ROWS = 300
AMOUNTS = ("Packets", "PayloadBytes", "PayloadPerPacketBytes")


def made_up(count: int, seed: int, attack: bool) -> Rows:
    random = np.random.default_rng(seed)
    names = feature_names("flow")
    features = np.abs(random.normal(10, 2, (count, len(names)))).astype(np.float32)
    features[:, names.index("originatorPayloadBytes")] *= random.choice([1, 50], count)
    if attack:
        features[:, [names.index(f"originator{name}") for name in AMOUNTS]] += 1e6
    return Rows(
        list_name="flow",
        features=features,
        time_s=np.arange(count, dtype=float) * 60,
        source=np.full(count, "10.0.0.1", dtype=object),
        destination=np.full(count, "10.0.0.2", dtype=object),
        destination_port=np.full(count, 80),
        label=np.full(count, "flood" if attack else BENIGN, dtype=object),
    )


@pytest.fixture(scope="session")
def settings():
    return settings_from(
        {
            "isolation_forest": {"trees": 20},
            "autoencoder": {"epochs": 20, "outer_units": 8, "inner_units": 3},
            "boosting": {"trees": 10},
            "guarded_boosting": {"trees": 10},
            "cluster": {"clusters": 4},
            "calibration": {"blocks": 3},
        }
    )


@pytest.fixture(scope="session")
def data(settings):
    sources = [Source("benign", "0" * 64, made_up(ROWS, 1, False)), Source("flood", "1" * 64, made_up(100, 2, True))]
    return training_set(sources, settings)


@pytest.fixture(scope="session")
def trained(data, settings):
    from weir_models.training import train_all

    return train_all(data, settings)
