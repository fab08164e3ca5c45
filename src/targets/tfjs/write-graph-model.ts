import { encodeWeight, type TfjsWeightFormat } from './encode-weight.ts';
import type { TfjsGraph, TfjsPort } from './graph-builder.ts';
import { shapeOf } from './node-def.ts';

/** Bytes of a shard of weights, 4 MiB as TensorFlow's own converter writes them: browsers cache files of that size. */
const SHARD_BYTES = 4 * 1024 * 1024;

/** Version of GraphDef that the operators are of. */
const PRODUCER = 1987;

/** How a graph model is written. */
export interface GraphModelOptions {
  readonly weights: TfjsWeightFormat;
  /** What the names of the files begin with. */
  readonly stem: string;
  readonly generatedBy: string;
}

/**
 * Encodes a graph as a TensorFlow.js graph model: `STEM.json` with the topology, the signature, which knows inputs and
 * outputs by the names of the source model, and the manifest of weights; and the weights in shards.
 *
 * @returns the files by name, the one to open first.
 */
export function writeGraphModel(
  graph: TfjsGraph,
  { weights: format, stem, generatedBy }: GraphModelOptions,
): ReadonlyMap<string, Uint8Array> {
  const stored = storedWeights(graph);
  const encoded = graph.weights.map((weight) => encodeWeight(weight, stored.has(weight.name) ? format : 'float32'));
  const shards = shardsOf(encoded.map(({ bytes }) => bytes));
  const paths = shards.map((_, index) => `${stem}.shard${index + 1}of${shards.length}.bin`);
  const json = {
    format: 'graph-model',
    generatedBy,
    convertedBy: 'modelpress',
    signature: { inputs: portsOf(graph.inputs), outputs: portsOf(graph.outputs) },
    modelTopology: { node: graph.nodes, library: {}, versions: { producer: PRODUCER } },
    weightsManifest: [{ paths, weights: encoded.map(({ entry }) => entry) }],
  };
  const files: [string, Uint8Array][] = [[`${stem}.json`, Buffer.from(JSON.stringify(json))]];
  return new Map([...files, ...shards.map((bytes, index) => [paths[index]!, bytes] as const)]);
}

/** Operands that are weights of layers and tables of embeddings, which may be stored with less precision. */
const STORED_OPERANDS: Readonly<Record<string, readonly number[]>> = {
  _FusedConv2D: [1],
  FusedDepthwiseConv2dNative: [1],
  Conv2DBackpropInput: [1],
  Conv3D: [1],
  _FusedMatMul: [1],
  BatchMatMulV2: [0, 1],
  GatherV2: [0],
};

/** Weights that nothing reads as numbers of another kind: grids, offsets and masks are to stay as they are. */
function storedWeights({ nodes }: TfjsGraph): ReadonlySet<string> {
  const stored = new Set<string>();
  const exact = new Set<string>();
  for (const { op, input } of nodes) {
    for (const [index, name] of input.entries()) {
      (STORED_OPERANDS[op]?.includes(index) ? stored : exact).add(name);
    }
  }
  return new Set([...stored].filter((name) => !exact.has(name)));
}

function portsOf(ports: readonly TfjsPort[]) {
  return Object.fromEntries(
    ports.map(({ name, ref, dtype, shape }) => [
      name,
      { name: ref.includes(':') ? ref : `${ref}:0`, dtype, tensorShape: shapeOf(shape) },
    ]),
  );
}

/** Blocks one after the other, without padding, cut into shards; at least one. */
function shardsOf(blocks: readonly Uint8Array[]): readonly Uint8Array[] {
  const all = Buffer.concat(blocks);
  const count = Math.max(1, Math.ceil(all.length / SHARD_BYTES));
  return Array.from({ length: count }, (_, index) => all.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES));
}
