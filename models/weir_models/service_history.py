"""What a source did before at the same service (destination and port): for evaluating on flow tables only.

People come to a service now and then and do something else each time; who guesses passwords or holds connections comes
again and again and does the same.
"""

from dataclasses import dataclass, replace

import numpy as np

from .feature_lists import feature_names
from .rows import Rows, joined
from .windows import failed_and_bytes, thinned, with_windows

#: As far back as flows are looked at, and at most so many.
LENGTH_S = 3600
MOST_FLOWS = 8
#: Flows are alike whose payloads and packets differ by less than a quarter (difference of logarithms).
_ALIKE = 0.25
_COMPARED = ("originatorPayloadBytes", "responderPayloadBytes", "originatorPackets")
#: flows before, gap to the last, mean gap, its variation, mean difference, alike in a row, failed in a row (with this one).
_COLUMNS = 7


def with_service_history(rows: Rows, context: Rows) -> Rows:
    """Adds the history's columns to `rows`, looked up in `context`; NaN for what cannot be told without a flow before."""
    flows, known = _flows(rows), _by_service(context)
    columns = [_history(flows.part(at), _before(flows.time_s[at], known.get(service))) for at, service in enumerate(_services(rows))]
    return replace(rows, features=np.column_stack([rows.features, np.array(columns, dtype=np.float32)]))


@dataclass(frozen=True)
class _Flows:
    """One or more flows of a service: start, logarithms of what is compared, and whether they failed. Oldest first."""

    time_s: np.ndarray
    size: np.ndarray
    failed: np.ndarray

    def part(self, chosen) -> "_Flows":
        return _Flows(self.time_s[chosen], self.size[chosen], self.failed[chosen])


def _flows(rows: Rows) -> _Flows:
    names = feature_names("flow")
    sizes = np.log1p(rows.features[:, [names.index(name) for name in _COMPARED]])
    return _Flows(rows.time_s, sizes, failed_and_bytes(rows)[0])


def _services(rows: Rows) -> list[tuple]:
    return list(zip(rows.source, rows.destination, rows.destination_port))


def _by_service(context: Rows) -> dict[tuple, _Flows]:
    members: dict[tuple, list[int]] = {}
    services = _services(context)
    for at in np.argsort(context.time_s, kind="stable"):
        members.setdefault(services[at], []).append(at)
    whole = _flows(context)
    return {service: whole.part(np.array(at)) for service, at in members.items()}


def _before(time_s: float, known: _Flows | None) -> _Flows | None:
    if known is None:
        return None
    end = np.searchsorted(known.time_s, time_s, "left")
    start = max(np.searchsorted(known.time_s, time_s - LENGTH_S, "right"), end - MOST_FLOWS)
    return known.part(slice(start, end)) if end > start else None


def _history(flow: _Flows, before: _Flows | None) -> list[float]:
    if before is None:
        return [0, np.nan, np.nan, np.nan, np.nan, 0, flow.failed]
    gaps = np.diff([*before.time_s, flow.time_s])
    difference = np.abs(before.size - flow.size)
    variation = gaps.std() / max(gaps.mean(), 0.001) if len(gaps) > 1 else np.nan
    alike = _in_a_row(difference.max(axis=1) < _ALIKE)
    failed = (1 + _in_a_row(before.failed > 0)) if flow.failed else 0
    return [len(gaps), gaps[-1], gaps.mean(), variation, difference.mean(), alike, failed]


def _in_a_row(flags: np.ndarray) -> int:
    """How many of the last flags are set without a break."""
    breaks = np.flatnonzero(~flags)
    return len(flags) - (breaks[-1] + 1 if len(breaks) else 0)


def flows_in_context(benign: Rows, attacks: Rows, kept_share: dict[str, float], seed: int) -> tuple[Rows, Rows]:
    """Both with windows and history, counted over all benign and the thinned attack rows, so that density tells nothing."""
    context = joined([benign, thinned(attacks, kept_share, seed)])
    in_context = lambda rows: with_service_history(with_windows(rows, context), context)
    return in_context(benign), in_context(attacks)
