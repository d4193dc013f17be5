"""What source, destination and pair of a flow did in the 10, 60 and 300 s before it: for evaluating on flow tables only.

Live, Weir's host function counts windows of packets; a table of whole flows has no packets. All flows that began in the
window count with their totals, the flow itself among them.
"""

from dataclasses import replace

import numpy as np

from .feature_lists import feature_names
from .rows import Rows, joined

LENGTHS_S = (10, 60, 300)
#: Entity → what is counted of it beyond flows, failed share and bytes.
_ENTITIES = {"source": ("peers", "ports"), "destination": ("peers", "ports"), "pair": ("ports",)}


def with_windows(rows: Rows, context: Rows) -> Rows:
    """Adds the windows' columns to `rows`, each counted over `context` and the row itself."""
    columns = [_entity_columns(rows, context, entity, length) for entity in _ENTITIES for length in LENGTHS_S]
    return replace(rows, features=np.concatenate([rows.features, *columns], axis=1).astype(np.float32))


def thinned(rows: Rows, kept_share: dict[str, float], seed: int) -> Rows:
    """Attack rows drawn with the chance that brings their class to the density at which benign rows were sampled."""
    draw = np.random.default_rng(seed).random(len(rows))
    chance = np.array([kept_share.get(label, 1.0) for label in rows.label])
    return rows.where(draw < chance)


def _keys(rows: Rows, entity: str) -> np.ndarray:
    if entity == "pair":
        return rows.source + np.full(len(rows), " ", dtype=object) + rows.destination
    return getattr(rows, entity)


def _entity_columns(rows: Rows, context: Rows, entity: str, length_s: int) -> np.ndarray:
    failed, frames = failed_and_bytes(context)
    own_failed, own_bytes = failed_and_bytes(rows)
    groups = _by_key(context, entity)
    out = np.zeros((len(rows), 3 + len(_ENTITIES[entity])))
    for at, key in enumerate(_keys(rows, entity)):
        near = _within(groups.get(key), rows.time_s[at], length_s)
        peer = rows.destination[at] if entity == "source" else rows.source[at]
        peers = {peer, *(context.destination if entity == "source" else context.source)[near]}
        ports = {rows.destination_port[at], *context.destination_port[near]}
        count = 1 + len(near)
        totals = [count, (own_failed[at] + failed[near].sum()) / count, own_bytes[at] + frames[near].sum()]
        out[at] = totals + ([len(ports)] if entity == "pair" else [len(peers), len(ports)])
    return out


def failed_and_bytes(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Of each flow: 1 when it was refused or not answered, and its payload."""
    names = feature_names("flow")
    column = lambda name: rows.features[:, names.index(name)]
    failed = (column("answered") == 0) | (column("rejected") == 1)
    return failed.astype(float), column("originatorPayloadBytes") + column("responderPayloadBytes")


def _by_key(context: Rows, entity: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Key → times, in order, and indices of its rows."""
    order = np.argsort(context.time_s, kind="stable")
    groups: dict[str, list[int]] = {}
    for at, key in zip(order, _keys(context, entity)[order]):
        groups.setdefault(key, []).append(at)
    return {key: (context.time_s[members], np.array(members)) for key, members in groups.items()}


def _within(group: tuple[np.ndarray, np.ndarray] | None, time_s: float, length_s: int) -> np.ndarray:
    """Rows in (time − length, time): one at the very same time is the row itself, or as late as it."""
    if group is None:
        return np.empty(0, dtype=int)
    times, members = group
    return members[np.searchsorted(times, time_s - length_s, "right") : np.searchsorted(times, time_s, "left")]
