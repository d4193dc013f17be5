/**
 * Looks into a model before the runtime does. A graph is a program from elsewhere: what is let in are operators of
 * arithmetic whose output is no larger than their input calls for, weights inside the file, and tensors of a bounded size.
 * The file is a protocol buffer (onnx.proto3); only the fields that matter here are read.
 */

/** Largest file and largest single tensor. Unit: byte. */
export const MOST_MODEL_BYTES = 64 * 1024 * 1024;
const MOST_ELEMENTS = MOST_MODEL_BYTES / 4;
const DEEPEST = 8;

const OPERATORS = new Set(
  (
    'TreeEnsembleRegressor MatMul Gemm Add Sub Mul Div Pow Sqrt Relu LeakyRelu Tanh Sigmoid Softplus Erf Log Exp Abs Neg ' +
    'Sign Floor Clip Min Max Mean Sum Where IsNaN IsInf Not And Or Less LessOrEqual Greater GreaterOrEqual Equal Cast Concat ' +
    'Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Gather Shape Identity Constant ReduceMean ReduceSum ReduceMax ' +
    'ReduceMin ReduceSumSquare ReduceL2 ArgMin GRU LSTM Scaler Imputer Normalizer LayerNormalization'
  ).split(' '),
);

/** Field numbers of onnx.proto3, by message. */
const MODEL = { graph: 7, functions: 25 } as const;
const GRAPH = { node: 1, initializer: 5, sparseInitializer: 15 } as const;
const NODE = { opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 } as const;
const TENSOR = { dims: 1, externalData: 13, dataLocation: 14 } as const;

/** Why a model's bytes are not to be loaded; undefined when nothing speaks against them. */
export function hostilityOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > MOST_MODEL_BYTES) return `it has ${bytes.length} bytes. At most ${MOST_MODEL_BYTES} are read.`;
  try {
    let hasGraph = false;
    for (const { field, value } of fieldsOf(bytes)) {
      if (field === MODEL.functions) return 'it defines functions of its own. Export it without.';
      if (field !== MODEL.graph || typeof value === 'number') continue;
      hasGraph = true;
      checkGraph(value, 0);
    }
    return hasGraph ? undefined : 'it holds no graph. The file is damaged or no ONNX model.';
  } catch (error) {
    if (error instanceof Refusal || error instanceof RangeError) return error.message;
    throw error;
  }
}

class Refusal extends Error {}

function checkGraph(graph: Uint8Array, depth: number): void {
  if (depth > DEEPEST) throw new Refusal('its graphs are nested too deeply.');
  for (const { field, value } of fieldsOf(graph)) {
    if (typeof value === 'number') continue;
    if (field === GRAPH.node) checkNode(value, depth);
    if (field === GRAPH.initializer) checkTensor(value);
    if (field === GRAPH.sparseInitializer) throw new Refusal('it has sparse weights. Export it with dense ones.');
  }
}

function checkNode(node: Uint8Array, depth: number): void {
  for (const { field, value } of fieldsOf(node)) {
    if (typeof value === 'number') continue;
    if (field === NODE.opType) checkOperator(Buffer.from(value).toString('latin1'));
    if (field === NODE.attribute) checkAttribute(value, depth);
  }
}

function checkOperator(name: string): void {
  if (OPERATORS.has(name)) return;
  throw new Refusal(`its graph uses the operator ${JSON.stringify(name.slice(0, 40))}, which no model of Weir needs.`);
}

function checkAttribute(attribute: Uint8Array, depth: number): void {
  for (const { field, value } of fieldsOf(attribute)) {
    if (typeof value === 'number') continue;
    if (field === ATTRIBUTE.tensor || field === ATTRIBUTE.tensors) checkTensor(value);
    if (field === ATTRIBUTE.graph || field === ATTRIBUTE.graphs) checkGraph(value, depth + 1);
    if (field === ATTRIBUTE.sparseTensor || field === ATTRIBUTE.sparseTensors)
      throw new Refusal('it has sparse weights. Export it with dense ones.');
  }
}

function checkTensor(tensor: Uint8Array): void {
  let elements = 1;
  for (const { field, value } of fieldsOf(tensor)) {
    if (field === TENSOR.externalData || (field === TENSOR.dataLocation && value !== 0))
      throw new Refusal('its weights lie in another file. Export them inside model.onnx.');
    if (field === TENSOR.dims) for (const size of numbersOf(value)) elements *= size;
  }
  if (!(elements <= MOST_ELEMENTS))
    throw new Refusal(`it has a tensor of ${elements} numbers. At most ${MOST_ELEMENTS} are read.`);
}

interface Field {
  field: number;
  /** A number, or the bytes of a string, message or packed list. */
  value: number | Uint8Array;
}

/** The fields of a message. Throws a RangeError where it is cut short. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  const reader = new Reader(message);
  while (reader.at < message.length) {
    const tag = reader.varint();
    const wireType = tag % 8;
    const field = Math.floor(tag / 8);
    if (wireType === 0) yield { field, value: reader.varint() };
    else if (wireType === 1) yield { field, value: reader.bytes(8) };
    else if (wireType === 2) yield { field, value: reader.bytes(reader.varint()) };
    else if (wireType === 5) yield { field, value: reader.bytes(4) };
    else throw new RangeError('it is damaged: a field has an unknown type. Copy it again.');
  }
}

function* numbersOf(value: number | Uint8Array): Generator<number> {
  if (typeof value === 'number') {
    yield value;
    return;
  }
  const reader = new Reader(value);
  while (reader.at < value.length) yield reader.varint();
}

class Reader {
  at = 0;

  constructor(private readonly from: Uint8Array) {}

  /** An unsigned number; one beyond 2^53 only needs to be seen as large. */
  varint(): number {
    let value = 0;
    for (let k = 0; k < 10; k++) {
      const byte = this.from[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** (7 * k);
      if (byte < 0x80) return value;
    }
    throw new RangeError('it is damaged or cut short. Copy it again.');
  }

  bytes(length: number): Uint8Array {
    const start = this.at;
    this.at += length;
    if (this.at > this.from.length) throw new RangeError('it is damaged or cut short. Copy it again.');
    return this.from.subarray(start, this.at);
  }
}
