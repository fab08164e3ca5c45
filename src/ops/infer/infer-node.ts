import type { Node } from '../../ir/node.ts';
import { tensorType, type ValueType } from '../../ir/value-type.ts';
import { schemaOf } from '../schema/schema-of.ts';
import { typeOfInferred } from './infer-rule.ts';
import { type InferContext, NodeCall } from './node-call.ts';
import { inferRuleOf, valueRuleOf } from './rules.ts';
import type { SymbolicValue } from './symbolic-value.ts';

/** What is proven of a node's results, one entry per result. */
export interface ResultFacts {
  readonly types: readonly (ValueType | undefined)[];
  readonly values: readonly (SymbolicValue | undefined)[];
}

/**
 * What follows for the results of a node from what is known of its operands. Nothing for operators outside the tables;
 * the element type only for operators without a shape rule. Calls of local functions are the graph's matter.
 */
export function inferResults(node: Node, context: InferContext): ResultFacts {
  const schema = schemaOf(node.domain, node.op, context.opsetOf(node.domain));
  if (schema === undefined) return { types: node.outputs.map(() => undefined), values: [] };
  const call = new NodeCall(node, schema, context);
  const inferred = inferRuleOf(node.domain, node.op)?.(call) ?? [];
  const types = node.outputs.map((_, i) => typeOfInferred(call, i, inferred[i]));
  const values = valueRuleOf(node.domain, node.op)?.(call, types) ?? [];
  return { types: types.map((type, i) => withValue(type, values[i])), values };
}

/** The types of a node's results, one entry per result. */
export function inferNode(node: Node, context: InferContext): readonly (ValueType | undefined)[] {
  return inferResults(node, context).types;
}

/** A tensor whose elements are known has known sizes too. */
function withValue(type: ValueType | undefined, value: SymbolicValue | undefined): ValueType | undefined {
  return value === undefined ? type : tensorType(value.dtype, value.dims);
}
