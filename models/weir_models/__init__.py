"""Trains, calibrates, evaluates and exports the models that Weir scores with."""
