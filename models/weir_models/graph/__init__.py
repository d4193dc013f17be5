"""Models as ONNX graphs: one input `features` [n, F], one output `score` [n], preprocessing inside."""

from .builder import OPSET, GraphBuilder
from .trees import Trees

__all__ = ["OPSET", "GraphBuilder", "Trees"]
