"""What source, destination, pair and service of a flow did before it, as `functions/src/features/flow-context.ts` tells it live.

Here for flow tables, whose rows are samples: `looked_up` rows are told their context, but no other row's context counts them.
A test holds both equal, row by row.
"""

from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np

from .feature_lists import feature_names
from .rows import Rows, joined

#: Weights of flows before fall to 1/e in these times.
FADING_S = (10, 60, 300)
#: Peers and ports that an entity is known to have talked to lately.
_KNOWN = 8
#: As far back as flows of a service are looked at, and at most so many.
HISTORY_S = 3600
_MOST_FLOWS = 8
#: Flows are alike whose payloads and packets differ by less than a quarter (difference of logarithms).
_ALIKE = 0.25
_COMPARED = ("originatorPayloadBytes", "responderPayloadBytes", "originatorPackets")


def in_context(rows: Rows, remembered: np.ndarray) -> Rows:
    """Rows of the list `flow-context` from rows of the list `flow`, in the order of time; `remembered` is a mask."""
    rows, remembered = rows.in_time_order(), remembered[np.argsort(rows.time_s, kind="stable")]
    told = _Context()
    columns = [told.of(flow, keeps) for flow, keeps in zip(_flows(rows), remembered)]
    features = np.column_stack([rows.features, np.array(columns, dtype=np.float32)])
    return replace(rows, list_name="flow-context", features=features)


def flows_in_context(benign: Rows, attacks: Rows, kept_share: dict[str, float], seed: int) -> tuple[Rows, Rows]:
    """Both in context, which counts all benign and the thinned attack rows, so that density tells nothing."""
    draw = np.random.default_rng(seed).random(len(attacks))
    chance = np.array([kept_share.get(label, 1.0) for label in attacks.label])
    rows = in_context(joined([benign, attacks]), np.concatenate([np.ones(len(benign), bool), draw < chance]))
    return rows.benign(), rows.attacks()


@dataclass(frozen=True)
class _Flow:
    known_s: int
    start_s: float
    source: str
    destination: str
    port: int
    failed: int
    payload: float
    size: np.ndarray


def _flows(rows: Rows) -> list[_Flow]:
    names = feature_names("flow")
    column = lambda name: rows.features[:, names.index(name)].astype(float)
    failed = (column("answered") == 0) | (column("rejected") == 1)
    payload = column("originatorPayloadBytes") + column("responderPayloadBytes")
    sizes = np.log1p(np.column_stack([column(name) for name in _COMPARED]))
    fields = (np.floor(rows.time_s) + 1, rows.time_s, rows.source, rows.destination, rows.destination_port, failed.astype(int), payload, sizes)
    return [_Flow(*one) for one in zip(*fields)]


@dataclass
class _Activity:
    """Flows, failed, payload, new peers and new ports of an entity, each faded at three rates."""

    at_s: float
    sums: np.ndarray = field(default_factory=lambda: np.zeros((len(FADING_S), 5)))
    peers: deque = field(default_factory=lambda: deque(maxlen=_KNOWN))
    ports: deque = field(default_factory=lambda: deque(maxlen=_KNOWN))

    def with_flow(self, flow: _Flow, peer: str) -> np.ndarray:
        fade = np.exp(-(flow.known_s - self.at_s) / np.array(FADING_S, dtype=float))
        news = [1, flow.failed, flow.payload, peer not in self.peers, flow.port not in self.ports]
        return self.sums * fade[:, None] + np.array(news, dtype=float)

    def keep(self, flow: _Flow, peer: str, sums: np.ndarray) -> None:
        self.at_s, self.sums = flow.known_s, sums
        if peer not in self.peers:
            self.peers.append(peer)
        if flow.port not in self.ports:
            self.ports.append(flow.port)


class _Context:
    def __init__(self):
        self._activities: dict[tuple, _Activity] = {}
        self._services: dict[tuple, deque] = {}

    def of(self, flow: _Flow, keeps: bool) -> list[float]:
        told: list[float] = []
        for entity, peer in (("source", flow.destination), ("destination", flow.source), ("pair", "")):
            key = (flow.source, flow.destination) if entity == "pair" else (entity, getattr(flow, entity))
            activity = self._activities.get(key) or _Activity(flow.known_s)
            sums = activity.with_flow(flow, peer)
            for count, failed, payload, peers, ports in sums:
                told += [count, failed / count, payload] + ([ports] if entity == "pair" else [peers, ports])
            if keeps:
                activity.keep(flow, peer, sums)
                self._activities[key] = activity
        return told + self._history(flow, keeps)

    def _history(self, flow: _Flow, keeps: bool) -> list[float]:
        key = (flow.source, flow.destination, flow.port)
        known = self._services.get(key) or deque(maxlen=_MOST_FLOWS)
        before = [one for one in known if flow.known_s - one.known_s <= HISTORY_S]
        if keeps:
            known.append(flow)
            self._services[key] = known
        if not before:
            return [0, HISTORY_S, HISTORY_S, 0, 0, 0, flow.failed]
        starts = [one.start_s for one in before] + [flow.start_s]
        gaps = np.abs(np.diff(starts))
        difference = np.abs(np.array([one.size for one in before]) - flow.size)
        alike = _in_a_row(difference.max(axis=1) < _ALIKE)
        failed = 1 + _in_a_row(np.array([one.failed for one in before]) > 0) if flow.failed else 0
        return [len(before), gaps[-1], gaps.mean(), gaps.std() / max(gaps.mean(), 0.001), difference.mean(), alike, failed]


def _in_a_row(flags: np.ndarray) -> int:
    """How many of the last flags are set without a break."""
    breaks = np.flatnonzero(~flags)
    return len(flags) - (breaks[-1] + 1 if len(breaks) else 0)
