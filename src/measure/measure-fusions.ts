import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import { openModelFile } from '../files/open-model-file.ts';
import { saveModelFile } from '../files/save-model-file.ts';
import { textOf } from '../ir/attribute.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { nodesWithin } from '../ir/walk.ts';
import { sizeOf } from '../pass/model-size.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';

/** What ONNX Runtime makes of a graph with its extended optimizations. */
export interface FusionCensus {
  /** How often each operator that it puts in the place of several is there, by name. */
  readonly operators: Readonly<Record<string, number>>;
  /** All nodes that are left to run, those of nested graphs included. */
  readonly nodes: number;
}

/** Bytes of weights above which no census is taken: the runtime reads and writes about 200 MB in a second. */
const LARGEST_BYTES = 256 * 1024 * 1024;

/** Operators of ai.onnx that stand for one that the runtime makes itself, and the name they are counted under. */
const STANDARD_TWINS: Readonly<Record<string, (node: Node) => string>> = {
  Attention: () => 'Attention',
  Gelu: (node) => (textOf(node, 'approximate') === 'tanh' ? 'FastGelu' : 'Gelu'),
  LayerNormalization: () => 'LayerNormalization',
  QLinearConv: () => 'QLinearConv',
  QLinearMatMul: () => 'QLinearMatMul',
  RMSNormalization: () => 'SimplifiedLayerNormalization',
  RotaryEmbedding: () => 'RotaryEmbedding',
  SimplifiedLayerNormalization: () => 'SimplifiedLayerNormalization',
};

/** Operators that do what the first does and more: a graph with one of them has lost nothing. */
const DONE_WITHIN: Readonly<Record<string, readonly string[]>> = {
  Attention: ['MultiHeadAttention', 'GroupQueryAttention'],
  Gelu: ['BiasGelu'],
  LayerNormalization: ['SkipLayerNormalization', 'EmbedLayerNormalization'],
  SimplifiedLayerNormalization: ['SkipSimplifiedLayerNormalization'],
  SkipLayerNormalization: ['EmbedLayerNormalization'],
};

/**
 * Counts the operators that ONNX Runtime puts in the place of several with its extended optimizations (`FusedConv`,
 * `SkipLayerNormalization`, `Gelu` and so on). An operator of ai.onnx that does the same counts as well: who wrote it
 * makes no difference.
 *
 * @param workFile a path that may be written, and beside it the graph that the runtime leaves.
 * @returns null for models that are too large to ask cheaply, and for those that the runtime does not load or save.
 */
export async function measureFusions(model: Model, workFile: string): Promise<FusionCensus | null> {
  if (sizeOf(model).bytes > LARGEST_BYTES) return null;
  const optimizedModelPath = `${workFile}.extended.onnx`;
  // In one file, because what the runtime writes refers to data beside the model that it read.
  await saveModelFile(model, workFile);
  let optimized: Model;
  try {
    const session = await openOrtSession(workFile, { optimization: 'extended', optimizedModelPath, quiet: true });
    await session.close();
    optimized = await openModelFile(optimizedModelPath);
  } catch (error) {
    if (error instanceof ModelpressError) return null;
    throw error;
  }
  return censusOf(optimized);
}

function censusOf(model: Model): FusionCensus {
  const operators: Record<string, number> = {};
  let nodes = 0;
  for (const node of nodesWithin(model.graph)) {
    nodes++;
    const name = fusedName(node);
    if (name !== undefined) operators[name] = (operators[name] ?? 0) + 1;
  }
  return { operators: Object.fromEntries(Object.entries(operators).sort(([a], [b]) => (a < b ? -1 : 1))), nodes };
}

function fusedName(node: Node): string | undefined {
  if (node.domain === 'com.microsoft') return node.op;
  return node.domain === '' && Object.hasOwn(STANDARD_TWINS, node.op) ? STANDARD_TWINS[node.op]?.(node) : undefined;
}

/** How many of each fused operator `after` has fewer than `before`; an operator that does more makes up for one that is gone. */
export function lostFusions(before: FusionCensus, after: FusionCensus): Readonly<Record<string, number>> {
  const lost = Object.keys(before.operators).map((op): [string, number] => [op, done(op, before) - done(op, after)]);
  return Object.fromEntries(lost.filter(([, count]) => count > 0));
}

function done(op: string, { operators }: FusionCensus): number {
  return [op, ...(DONE_WITHIN[op] ?? [])].reduce((sum, name) => sum + (operators[name] ?? 0), 0);
}
