"""The ordered feature lists that training and scoring share.

They are declared in `contracts/`, which publishes them as `docs/schemas/features.json`.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LISTS_FILE = Path(__file__).parents[2] / "docs" / "schemas" / "features.json"


@dataclass(frozen=True)
class Feature:
    """One column of a feature matrix. `unit` is `1` for pure numbers."""

    name: str
    unit: str
    meaning: str


@cache
def feature_list(name: str) -> tuple[Feature, ...]:
    """The list of this name, in the order of the matrix's columns."""
    lists = json.loads(LISTS_FILE.read_text(encoding="utf-8"))
    if name not in lists:
        raise ValueError(f'no feature list "{name}". Lists: {", ".join(lists)}.')
    return tuple(Feature(**entry) for entry in lists[name]["features"])


def feature_names(list_name: str) -> list[str]:
    return [feature.name for feature in feature_list(list_name)]


def features_sha256(features: tuple[Feature, ...]) -> str:
    """Hash of names and units in order: equal hashes mean that a model may score these columns."""
    pairs = [[feature.name, feature.unit] for feature in features]
    canonical = json.dumps(pairs, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def feature_groups(list_name: str) -> list[dict]:
    """Features that only make sense together, and so are explained together. Each feature is in one group."""
    groups: dict[str, list[str]] = {}
    for name in feature_names(list_name):
        groups.setdefault(_group_of(list_name, name), []).append(name)
    return [{"name": group, "features": members} for group, members in groups.items()]


_FLOW_GROUPS = {
    "protocol": ("protocol",),
    "duration and rate": ("duration", "packetsPerSecond", "bytesPerSecond"),
    "lengths": ("originatorLength", "responderLength"),
    "gaps": ("originatorGap", "responderGap"),
    "amount sent": ("originatorPackets", "originatorPayload"),
    "amount received": ("responderPackets", "responderPayload", "responderPacketShare"),
    "TCP flags": ("synSeen", "finSeen", "originatorReset", "responderReset", "originatorPush", "responderPush", "urgent"),
    "outcome": ("answered", "established", "halfOpen", "rejected", "finished"),
}


#: What the source, destination, pair or service of a flow did before it.
_CONTEXT = re.compile(r"^(source|destination|pair|service)([A-Z]\w*?)(\d+s)?$")


def _group_of(list_name: str, name: str) -> str:
    before = _CONTEXT.match(name)
    if list_name == "flow-context" and before:
        return _context_group(*before.group(1, 2))
    if list_name in ("flow", "flow-context"):
        return next(group for group, starts in _FLOW_GROUPS.items() if name.startswith(starts))
    if list_name == "sequence":
        return "sizes" if name.startswith("size") else "gaps"
    return re.sub(r"\d+s$", "", name)


def _context_group(entity: str, what: str) -> str:
    if entity != "service":
        return f"{entity} before"
    return "service likeness" if what.startswith(("Size", "Alike")) else "service before"
