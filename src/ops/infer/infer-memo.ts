import type { Attribute } from '../../ir/attribute.ts';
import { subgraphsOf } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';
import type { Tensor } from '../../ir/tensor.ts';
import type { ValueType } from '../../ir/value-type.ts';
import { inferResults, type ResultFacts } from './infer-node.ts';
import { sameType } from './join-types.ts';
import type { InferContext } from './node-call.ts';
import type { SymbolicValue } from './symbolic-value.ts';

/** What was known of an operand: the elements of a constant, or the type and small value of anything else. */
type OperandFacts = Tensor | { readonly type: ValueType | undefined; readonly value: SymbolicValue | undefined };

interface Known {
  readonly attributes: readonly Attribute[];
  readonly operands: readonly (OperandFacts | undefined)[];
  readonly results: ResultFacts;
}

/**
 * What followed for the results of nodes when they were last seen. Between two passes most nodes have the operands that
 * they had, and what follows for their results is the same.
 */
export class InferMemo {
  #known = new WeakMap<Node, Known>();

  /** Forgets everything: something is known now that no operand shows. */
  forget(): void {
    this.#known = new WeakMap();
  }

  /** As `inferResults`, for a node outside function bodies. */
  resultsOf(node: Node, context: InferContext): ResultFacts {
    const known = this.#known.get(node);
    if (known !== undefined && holds(known, node, context)) return known.results;
    const results = inferResults(node, context);
    // What nested graphs learn on the way is not part of the results.
    if (subgraphsOf(node).length > 0) return results;
    const operands = node.inputs.map((value): OperandFacts | undefined =>
      value === undefined
        ? undefined
        : (value.constant ?? { type: context.typeOf(value), value: context.valueOf(value) }),
    );
    this.#known.set(node, { attributes: [...node.attributes.values()], operands, results });
    return results;
  }
}

function holds({ attributes, operands }: Known, node: Node, context: InferContext): boolean {
  if (operands.length !== node.inputs.length || attributes.length !== node.attributes.size) return false;
  let at = 0;
  for (const attribute of node.attributes.values()) if (attribute !== attributes[at++]) return false;
  return operands.every((operand, index) => {
    const value = node.inputs[index];
    if (value === undefined || operand === undefined) return value === operand;
    if (value.constant !== undefined || !('type' in operand)) return value.constant === operand;
    return sameType(operand.type, context.typeOf(value)) && sameValue(operand.value, context.valueOf(value));
  });
}

function sameValue(a: SymbolicValue | undefined, b: SymbolicValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.dtype !== b.dtype || a.dims.length !== b.dims.length) return false;
  if (a.elements.length !== b.elements.length || a.dims.some((dim, index) => dim !== b.dims[index])) return false;
  return a.elements.every((element, index) => Object.is(element, b.elements[index]));
}
