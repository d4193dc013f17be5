"""Puts an ONNX graph together node by node."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

#: Operator sets: the general one, and the one with tree ensembles.
OPSET = {"": 17, "ai.onnx.ml": 3}
#: File format version that goes with them.
_IR_VERSION = 8


class GraphBuilder:
    """Nodes in order, each named by its output. Constants are float32."""

    def __init__(self, feature_count: int):
        self._feature_count = feature_count
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def constant(self, values) -> str:
        return self._stored(np.asarray(values, dtype=np.float32))

    def indices(self, values) -> str:
        """A constant of int64, as axes and shapes are."""
        return self._stored(np.asarray(values, dtype=np.int64))

    def flags(self, values) -> str:
        """A constant of booleans."""
        return self._stored(np.asarray(values, dtype=bool))

    def add(self, operator: str, *inputs: str, **attributes) -> str:
        """One node; gives the name of its output. `name` names it, `domain` is for tree ensembles."""
        output = attributes.pop("name", f"{operator}_{len(self._nodes)}")
        self._nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def output(self, name: str, width: int | None = None) -> None:
        shape = ["n"] if width is None else ["n", width]
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def model(self) -> onnx.ModelProto:
        """The checked model. Two calls with equal content give equal bytes."""
        features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", self._feature_count])
        graph = helper.make_graph(self._nodes, "weir", [features], self._outputs, self._constants)
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSET.items()]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="weir-models")
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model)
        return model

    def _stored(self, values: np.ndarray) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(values, name))
        return name
