import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Dim } from '../ir/shape.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf, tensorType, type ValueType } from '../ir/value-type.ts';
import { inferNode } from '../ops/infer/infer-node.ts';
import { sameType } from '../ops/infer/join-types.ts';
import type { InferContext } from '../ops/infer/node-call.ts';
import { valueOfTensor } from '../ops/infer/symbolic-value.ts';

/**
 * The results of a node whose proven shape does not follow from the types of its operands and from constants alone,
 * but from elements that the graph computes, such as a Slice up to the length of another tensor. A runtime that does not follow such elements only
 * knows the shape if the file states it, and fuses less where it does not know it.
 */
export function resultsToState(node: Node, opsets: ReadonlyMap<string, number>): readonly Value[] {
  const known = node.outputs.filter((value): value is Value => shapeOf(value?.type)?.every(isPlain) === true);
  if (known.length === 0) return [];
  const inferred = inferNode(node, shapesOnly(opsets));
  return known.filter((value) => !sameType(inferred[node.outputs.indexOf(value)], value.type));
}

/** What is known around a node by one who reads types and constants and follows no elements. */
function shapesOnly(opsets: ReadonlyMap<string, number>): InferContext {
  return {
    opsetOf: (domain) => opsets.get(domain) ?? 1,
    typeOf: ({ constant, type }) =>
      constant === undefined ? plainType(type) : tensorType(constant.dtype, constant.dims),
    valueOf: ({ constant }) => (constant === undefined ? undefined : valueOfTensor(constant)),
    resolve: (attribute) => (attribute.kind === 'reference' ? undefined : attribute),
    inferBody: (graph: Graph) => graph.outputs.map(({ value }) => value.type),
  };
}

/** A type as far as its sizes are numbers and names; runtimes do not calculate with expressions. */
function plainType(type: ValueType | undefined): ValueType | undefined {
  if (type?.kind !== 'tensor' || type.shape === undefined) return type;
  return { ...type, shape: type.shape.map((dim) => (isPlain(dim) ? dim : undefined)) };
}

function isPlain(dim: Dim): boolean {
  return typeof dim === 'number' || (dim !== undefined && !/[-+*/(]/.test(dim));
}
