"""Trains, calibrates, evaluates and exports the models that Weir scores with."""

import os

# The runtime that checks what was exported reports its use to its maker unless told not to before it is loaded. Whatever looks
# into a network is nobody else's business.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
