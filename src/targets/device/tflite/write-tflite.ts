import { Builder } from 'flatbuffers';
import { fail } from '../../../diagnostics/modelpress-error.ts';
import { BUILTIN_OPERATORS } from './builtin-operators.ts';
import { ELEMENT_TYPES } from './element-type.ts';
import { operatorVersion } from './operator-version.ts';
import { graphsOf, type TfGraph, type TfOperator, type TfTensor, tensorsOf } from './tf-graph.ts';
import { type Row, writeTable } from './write-table.ts';

/** Version of the schema that is written. */
const SCHEMA_VERSION = 3;
const FILE_IDENTIFIER = 'TFL3';
/** Operators numbered from here on do not fit the older field of their code. */
const CODE_PLACEHOLDER = 127;
/** Most bytes that a flatbuffer can hold: offsets are signed 32-bit numbers. */
const MAX_FLATBUFFER_BYTES = 2 ** 31 - 1;
/** Room for everything but weights, per tensor and operator, in bytes; too little only costs a copy. */
const BYTES_PER_ENTRY = 256;

/** What a file says of itself beside its graph. */
export interface TfliteDescription {
  readonly description: string;
  /** The key of the signature. Default `serving_default`, which converters and interpreters expect. */
  readonly signature?: string;
  readonly metadata?: ReadonlyMap<string, Uint8Array>;
}

/**
 * Encodes a graph as a .tflite file (schema 3): one buffer per distinct constant, copied as a block and aligned to 16
 * bytes, the lowest operator versions that suffice, and a signature that names inputs and outputs.
 *
 * @throws ModelpressError `device-too-large` beyond 2 GiB, `device-operator-version` where an operator needs a version
 * that LiteRT does not have.
 */
export function writeTflite(graph: TfGraph, { description, signature, metadata }: TfliteDescription): Uint8Array {
  const codes = new OperatorCodes();
  const buffers = new Buffers();
  const graphs = graphsOf(graph);
  const subgraphs = graphs.map((each) => subgraphRow(each, codes, buffers));
  const entries = graphs.reduce((count, each) => count + tensorsOf(each).size + each.operators.length, 0);
  const indexOf = indices(graph);
  const ports = (list: TfGraph['inputs']): Row[] =>
    list.map(({ name, tensor }) => ({ name, tensor_index: indexOf.get(tensor)! }));
  const metadataRows = [...(metadata ?? [])].map(([name, bytes]): Row => ({ name, buffer: buffers.add(bytes) }));
  const model: Row = {
    version: SCHEMA_VERSION,
    operator_codes: codes.rows,
    subgraphs,
    description,
    buffers: buffers.rows,
    metadata: metadataRows,
    signature_defs: [
      { inputs: ports(graph.inputs), outputs: ports(graph.outputs), signature_key: signature ?? 'serving_default' },
    ],
  };
  const size = buffers.bytes + BYTES_PER_ENTRY * (entries + 16);
  if (size > MAX_FLATBUFFER_BYTES) {
    fail({
      code: 'device-too-large',
      message: `${graph.name} has ${buffers.bytes} bytes of weights; a .tflite file holds at most ${MAX_FLATBUFFER_BYTES}`,
      at: graph.name,
      hint: 'Quantize the model to int8 first.',
    });
  }
  const builder = new Builder(size);
  builder.finish(writeTable(builder, 'Model', model), FILE_IDENTIFIER);
  return builder.asUint8Array();
}

/** The place of each tensor in its graph's list. */
function indices(graph: TfGraph): ReadonlyMap<TfTensor, number> {
  return new Map([...tensorsOf(graph)].map((tensor, index) => [tensor, index]));
}

function subgraphRow(graph: TfGraph, codes: OperatorCodes, buffers: Buffers): Row {
  const indexOf = indices(graph);
  const index = (tensor: TfTensor | undefined): number => (tensor === undefined ? -1 : indexOf.get(tensor)!);
  return {
    tensors: [...indexOf.keys()].map((tensor) => tensorRow(tensor, buffers.add(tensor.data))),
    inputs: graph.inputs.map(({ tensor }) => index(tensor)),
    outputs: graph.outputs.map(({ tensor }) => index(tensor)),
    operators: graph.operators.map((operator) => ({
      opcode_index: codes.index(operator),
      inputs: operator.inputs.map(index),
      outputs: operator.outputs.map(index),
      builtin_options: optionsOf(operator),
    })),
    name: graph.name,
  };
}

function tensorRow(tensor: TfTensor, buffer: number): Row {
  const { quantization } = tensor;
  return {
    shape: tensor.shape,
    type: ELEMENT_TYPES[tensor.type],
    buffer,
    name: tensor.name,
    has_rank: true,
    quantization: quantization && {
      scale: quantization.scales,
      zero_point: quantization.zeroPoints,
      quantized_dimension: quantization.axis,
    },
  };
}

function optionsOf(operator: TfOperator): Row | undefined {
  const { options: table } = BUILTIN_OPERATORS[operator.name];
  return table === undefined ? undefined : { table, fields: operator.options };
}

/** The distinct operators and versions of a file. */
class OperatorCodes {
  readonly rows: Row[] = [];
  readonly #byKey = new Map<string, number>();

  index(operator: TfOperator): number {
    const { code, maxVersion } = BUILTIN_OPERATORS[operator.name];
    const version = operatorVersion(operator);
    if (version > maxVersion) {
      fail({
        code: 'device-operator-version',
        message: `${operator.name} '${operator.outputs[0]?.name ?? ''}' needs version ${version}; LiteRT has up to ${maxVersion}`,
        at: operator.outputs[0]?.name ?? operator.name,
        hint: 'Choose another type for this layer.',
      });
    }
    const key = `${code} ${version}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    this.#byKey.set(key, this.rows.length);
    this.rows.push({
      deprecated_builtin_code: Math.min(code, CODE_PLACEHOLDER),
      version,
      builtin_code: code,
    });
    return this.rows.length - 1;
  }
}

/** The buffers of a file; the first is the empty one that stands for no data. */
class Buffers {
  readonly rows: Row[] = [{}];
  bytes = 0;
  readonly #byData = new Map<Uint8Array, number>();

  add(data: Uint8Array | undefined): number {
    if (data === undefined) return 0;
    const known = this.#byData.get(data);
    if (known !== undefined) return known;
    this.#byData.set(data, this.rows.length);
    this.rows.push({ data });
    this.bytes += data.byteLength + 64;
    return this.rows.length - 1;
  }
}
