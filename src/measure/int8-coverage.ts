import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModelFile } from '../files/open-model-file.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import { nameGraphs } from '../ir/name-graphs.ts';
import type { Node } from '../ir/node.ts';
import { graphsWithin, nodesWithin } from '../ir/walk.ts';
import { costOf } from '../ops/cost/cost-of.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';

/** What ONNX Runtime really runs of a model in integer kernels. */
export interface Int8Coverage {
  /** Share of multiply-accumulates in integer kernels, 0 to 1; `null` where there are none to count. */
  readonly share: number | null;
  readonly integerMacs: number;
  readonly totalMacs: number;
  /** Kernels of the optimized graph that compute on integers, by operator. */
  readonly integerKernels: Readonly<Record<string, number>>;
  /** Linear kernels of the optimized graph that compute on floats, by operator. */
  readonly floatKernels: Readonly<Record<string, number>>;
  /** Layers whose cost is not known because a shape is not; they are in no sum. */
  readonly uncounted: number;
  /** Layers that run in floating point, largest first. */
  readonly floatLayers: readonly { readonly name: string; readonly op: string; readonly macs: number }[];
}

/** Kernels of ONNX Runtime that compute on 8-bit integers. */
const INTEGER_KERNEL =
  /^(QLinear\w+|QGemm|QAttention|ConvInteger|MatMulInteger|MatMulIntegerToFloat|DynamicQuantizeMatMul|DynamicQuantizeLSTM|MatMulNBits)$/;

/** Kernels that compute on floats what an integer kernel could: ONNX's operators and what ONNX Runtime fuses them into. */
const FLOAT_KERNEL =
  /^(Conv|ConvTranspose|FusedConv|NhwcFusedConv|Gemm|FusedGemm|MatMul|FusedMatMul|GemmFloat8|LSTM|GRU|RNN|Attention|MultiHeadAttention)$/;

/** What ONNX Runtime appends to the name of a node that it moves or fuses. */
const NAME_SUFFIX = /^(_token_\d+|_nhwc\w*|_nchwc\w*|\/\w*Fusion\w*)*$/i;

/**
 * Loads a model as a server would and counts what its layers became: the only proof that quantization took effect, since
 * ONNX Runtime falls back to floating point without a word. A layer counts as integer only if a kernel of its name does.
 *
 * @param path the file to load.
 * @param model what the file was written from, with the shapes that its layers' costs are counted by.
 * @throws ModelpressError those of the runtime and of `openModelFile`.
 */
export async function measureInt8Coverage(path: string, model: Model): Promise<Int8Coverage> {
  const optimized = await optimizedGraph(path);
  const integerKernels: Record<string, number> = {};
  const floatKernels: Record<string, number> = {};
  const integerNames: string[] = [];
  for (const { op, name } of nodesWithin(optimized)) {
    if (INTEGER_KERNEL.test(op)) {
      integerKernels[op] = (integerKernels[op] ?? 0) + 1;
      integerNames.push(name);
    } else if (FLOAT_KERNEL.test(op)) floatKernels[op] = (floatKernels[op] ?? 0) + 1;
  }
  const stems = new Set(integerNames.flatMap(stemsOf));
  let integerMacs = 0;
  let totalMacs = 0;
  const floatLayers: { name: string; op: string; macs: number }[] = [];
  const { macsByNode, unknown } = costOf(model);
  for (const { node, name, macs } of layersOf(model, macsByNode)) {
    totalMacs += macs;
    if (name !== '' && stems.has(name)) integerMacs += macs;
    else floatLayers.push({ name, op: node.op, macs });
  }
  floatLayers.sort((a, b) => b.macs - a.macs);
  return {
    share: totalMacs === 0 ? null : integerMacs / totalMacs,
    integerMacs,
    totalMacs,
    integerKernels,
    floatKernels,
    uncounted: unknown.length,
    floatLayers,
  };
}

/** The graph that ONNX Runtime runs after all its rewrites. */
async function optimizedGraph(path: string): Promise<Graph> {
  const folder = await mkdtemp(join(tmpdir(), 'modelpress-coverage-'));
  try {
    const optimizedModelPath = join(folder, 'optimized.onnx');
    const session = await openOrtSession(path, { optimizedModelPath });
    await session.close();
    return (await openModelFile(optimizedModelPath)).graph;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The nodes that multiply and accumulate, nested graphs included, under the names that the file gives them. */
function* layersOf(
  model: Model,
  macsByNode: ReadonlyMap<Node, number>,
): Generator<{ readonly node: Node; readonly name: string; readonly macs: number }> {
  const names = nameGraphs(model.graph);
  for (const graph of graphsWithin(model.graph)) {
    for (const node of graph.nodes()) {
      const macs = macsByNode.get(node);
      if (macs !== undefined) yield { node, name: names.get(graph)?.nodes.get(node) ?? '', macs };
    }
  }
}

/** The names that a kernel's may have grown from by suffixes. */
function stemsOf(name: string): string[] {
  const stems = [name];
  for (let end = name.length - 1; end > 0; end--) if (NAME_SUFFIX.test(name.slice(end))) stems.push(name.slice(0, end));
  return stems;
}
