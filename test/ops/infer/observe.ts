import type { Graph } from '../../../src/ir/graph.ts';
import type { Model } from '../../../src/ir/model.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import type { Value } from '../../../src/ir/value.ts';
import { shapeOf, type ValueType } from '../../../src/ir/value-type.ts';
import { decodeTensor } from '../../../src/onnx/tensor-file.ts';
import { writeModel } from '../../../src/onnx/write-model.ts';
import { evaluateDim } from '../../../src/ops/dims/evaluate-dim.ts';
import type { ModelFacts } from '../../../src/ops/infer/infer-graph.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';

/** The tensors of a test data set under the names of the graph inputs they belong to. */
export function feedOf(graph: Graph, files: readonly Uint8Array[]): Map<string, Tensor> {
  const tensors = files.map((bytes) => decodeTensor(bytes));
  const wanted = graph.inputs.filter((input) => input.initial === undefined);
  const named = tensors.every((tensor) => graph.inputs.some((input) => input.name === tensor.name));
  return new Map(tensors.map((tensor, i) => [named ? tensor.name! : wanted[i]!.name, tensor]));
}

/** The sizes that the symbols of the graph inputs have for a feed. */
export function bindSymbols(graph: Graph, facts: ModelFacts, feed: ReadonlyMap<string, Tensor>): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const input of graph.inputs) {
    const dims = feed.get(input.name)?.dims;
    for (const [axis, dim] of shapeOf(facts.types.get(input))?.entries() ?? []) {
      const size = dims?.[axis];
      if (typeof dim === 'string' && size !== undefined) sizes.set(dim, size);
    }
  }
  return sizes;
}

/** What every tensor that a node of the main graph computes turns out to be in ONNX Runtime. Adds outputs to the model. */
export async function observe(
  model: Model,
  facts: ModelFacts,
  feed: ReadonlyMap<string, Tensor>,
): Promise<Map<Value, Tensor>> {
  const { graph } = model;
  const observed = new Map<string, Value>();
  for (const node of graph.nodes()) {
    for (const value of node.outputs) {
      const type = value && facts.types.get(value);
      if (value === undefined || (type !== undefined && type.kind !== 'tensor')) continue;
      const name = `observed ${observed.size}`;
      graph.addOutput(value, name, { declared: type && { kind: 'tensor', dtype: type.dtype } });
      observed.set(name, value);
    }
  }
  const session = await openOrtSession(writeModel(model), { optimization: 'disabled' });
  const tensors = session.outputs.filter((port) => port.dtype !== 'non-tensor' && observed.has(port.name));
  const results = await session.run(
    feed,
    tensors.map((port) => port.name),
  );
  await session.close();
  const found = new Map<Value, Tensor>();
  for (const [name, result] of results) if ('dims' in result) found.set(observed.get(name)!, result);
  return found;
}

/** Where a proven type and a tensor disagree, as a sentence; nothing where they agree. */
export function disagreement(
  type: ValueType | undefined,
  actual: Tensor,
  sizes: ReadonlyMap<string, number>,
): string | undefined {
  if (type === undefined) return undefined;
  if (type.kind !== 'tensor') return `is a tensor, inferred ${type.kind}`;
  if (type.dtype !== actual.dtype) return `is ${actual.dtype}, inferred ${type.dtype}`;
  if (type.shape === undefined) return undefined;
  const said = type.shape.map((dim) =>
    dim === undefined ? undefined : (evaluateDim(dim, sizes) ?? `${dim} without value`),
  );
  const agrees =
    said.length === actual.dims.length && said.every((size, i) => size === undefined || size === actual.dims[i]);
  return agrees
    ? undefined
    : `is [${actual.dims}], inferred [${type.shape.map((dim) => dim ?? '?')}] = [${said.map((size) => size ?? '?')}]`;
}
