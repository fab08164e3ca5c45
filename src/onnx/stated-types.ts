import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Dim } from '../ir/shape.ts';
import type { Value } from '../ir/value.ts';
import { shapeOf, tensorType, type ValueType } from '../ir/value-type.ts';
import { isAtLeast } from '../ops/dims/dim-facts.ts';
import { inferNode } from '../ops/infer/infer-node.ts';
import { sameType } from '../ops/infer/join-types.ts';
import { valueOfTensor } from '../ops/infer/symbolic-value.ts';

/** What one who reads a file knows before looking at a node. */
export interface ReaderKnowledge {
  readonly opsets: ReadonlyMap<string, number>;
  /** The symbols that the model's inputs have for sizes. */
  readonly symbols: ReadonlySet<string>;
}

export function knowledgeOf(model: Model): ReaderKnowledge {
  const dims = model.graph.inputs.flatMap((input) => shapeOf(input.type) ?? []);
  return { opsets: model.opsetImports, symbols: new Set(dims.filter((dim) => typeof dim === 'string')) };
}

/**
 * The results of a node whose proven shape does not follow from the types of its operands and from constants, but from
 * elements that the graph computes (a Slice up to the length of another tensor) or from calculating with symbols. A
 * runtime that does neither only knows the shape if the file states it, and fuses less where it does not know it.
 * Shapes that the inputs' own symbols cannot say are not listed.
 */
export function resultsToState(node: Node, { opsets, symbols }: ReaderKnowledge): readonly Value[] {
  const isSaid = (dim: Dim): boolean => typeof dim === 'number' || (dim !== undefined && symbols.has(dim));
  const known = node.outputs.filter((value): value is Value => shapeOf(value?.type)?.every(isSaid) === true);
  if (known.length === 0) return [];
  const inferred = inferNode(node, {
    opsetOf: (domain) => opsets.get(domain) ?? 1,
    typeOf: ({ constant, type }) =>
      constant === undefined ? masked(type, isSaid) : tensorType(constant.dtype, constant.dims),
    valueOf: ({ constant }) => (constant === undefined ? undefined : valueOfTensor(constant)),
    learnRoom: () => {},
    isSize: (value) => isAtLeast(value, 0),
    resolve: (attribute) => (attribute.kind === 'reference' ? undefined : attribute),
    inferBody: (graph) => graph.outputs.map(({ value }) => masked(value.type, isSaid)),
  });
  return known.filter((value) => !sameType(inferred[node.outputs.indexOf(value)], value.type));
}

/** A type without the sizes that are not said. */
function masked(type: ValueType | undefined, isSaid: (dim: Dim) => boolean): ValueType | undefined {
  if (type?.kind !== 'tensor' || type.shape === undefined) return type;
  return { ...type, shape: type.shape.map((dim) => (isSaid(dim) ? dim : undefined)) };
}
