import { describeNode, type Node } from '../../ir/node.ts';
import type { OperatorSchema, Parameter } from './operator-schema.ts';

/** How few and how many operands (or results) a list of parameters takes; `most` is Infinity after a variadic one. */
export function arityOf(parameters: readonly Parameter[]): { readonly fewest: number; readonly most: number } {
  let fewest = 0;
  for (const [index, parameter] of parameters.entries()) {
    if (parameter.option === 'variadic')
      return { fewest: Math.max(fewest, index + parameter.minArity), most: Number.POSITIVE_INFINITY };
    if (parameter.option === 'single') fewest = index + 1;
  }
  return { fewest, most: parameters.length };
}

/** The parameter that stands for operand or result `index`. */
export function parameterAt(parameters: readonly Parameter[], index: number): Parameter | undefined {
  const last = parameters.at(-1);
  return parameters[index] ?? (last?.option === 'variadic' ? last : undefined);
}

/**
 * What of a node goes against its operator's version, as sentences: a wrong number of operands or results, a hole where
 * one is required, an attribute that is missing or of another kind. Attributes that the version does not know are left
 * alone: exporters add their own.
 */
export function nodeProblems(node: Node, schema: OperatorSchema): string[] {
  const problems: string[] = [];
  const name = describeNode(node);
  if (schema.deprecated)
    problems.push(`${name}: ${schema.op} is no longer part of the standard from opset ${schema.since} on`);
  const sides = [
    ['operand', node.inputs, schema.inputs],
    ['result', node.outputs, schema.outputs],
  ] as const;
  for (const [what, values, parameters] of sides) {
    const { fewest, most } = arityOf(parameters);
    if (values.length < fewest || values.length > most) {
      problems.push(
        `${name} has ${values.length} ${what}s; ${schema.op}-${schema.since} takes ${rangeText(fewest, most)}`,
      );
    }
  }
  for (const [index, value] of node.inputs.entries()) {
    const parameter = parameterAt(schema.inputs, index);
    if (value === undefined && parameter?.option === 'single')
      problems.push(`${name} lacks operand ${index} ('${parameter.name}'), which ${schema.op} requires`);
  }
  for (const spec of schema.attributes.values()) {
    const attribute = node.attributes.get(spec.name);
    if (attribute === undefined) {
      if (spec.required)
        problems.push(`${name} lacks attribute '${spec.name}', which ${schema.op}-${schema.since} requires`);
      continue;
    }
    const kind = attribute.kind === 'reference' ? attribute.of : attribute.kind;
    if (kind !== spec.kind)
      problems.push(
        `attribute '${spec.name}' of ${name} is of kind ${kind}; ${schema.op}-${schema.since} expects ${spec.kind}`,
      );
  }
  return problems;
}

function rangeText(fewest: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `${fewest} or more`;
  return fewest === most ? `${fewest}` : `${fewest} to ${most}`;
}
