import type { Attribute } from '../../ir/attribute.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Node } from '../../ir/node.ts';
import type { Value } from '../../ir/value.ts';
import { arityOf, parameterAt } from '../schema/check-node.ts';
import type { AttributeDefault, OperatorSchema, Parameter } from '../schema/operator-schema.ts';
import { knownType } from './edit-node.ts';

/**
 * Takes a node as it stands from one version of its operator to another, older or newer, and drops attributes that only
 * say what the other version does anyway.
 *
 * @returns what the node says that the other version cannot, with nothing changed; `undefined` where it was taken over.
 * Of the meaning of what both can say it knows nothing: where that differs, an adapter stands in `opset-changes.ts`.
 */
export function carryOver(node: Node, graph: Graph, from: OperatorSchema, to: OperatorSchema): string | undefined {
  if (to.deprecated) return `opset ${to.since} has no ${to.op} any more`;
  const version = `${to.op} of opset ${to.since}`;
  const reason = attributeLoss(node, from, to, version) ?? operandLoss(node, from, to, version);
  if (reason !== undefined) return reason;
  for (const name of [...node.attributes.keys()])
    if (from.attributes.has(name) && !to.attributes.has(name)) graph.setAttribute(node, name, undefined);
  return undefined;
}

function attributeLoss(node: Node, from: OperatorSchema, to: OperatorSchema, version: string): string | undefined {
  for (const [name, attribute] of node.attributes) {
    const spec = from.attributes.get(name);
    // What neither version knows is ignored by both.
    if (spec === undefined || to.attributes.has(name) || holds(attribute, spec.default)) continue;
    return `${version} has no attribute '${name}'`;
  }
  for (const [name, { required, default: value }] of to.attributes) {
    const before = from.attributes.get(name);
    if (node.attributes.has(name)) continue;
    if (required) return `${version} asks for an attribute '${name}'`;
    if (before !== undefined && String(before.default) !== String(value))
      return `without '${name}', ${version} means something else`;
  }
  return undefined;
}

function operandLoss(node: Node, from: OperatorSchema, to: OperatorSchema, version: string): string | undefined {
  const sides = [
    ['operands', node.inputs, from.inputs, to.inputs],
    ['results', node.outputs, from.outputs, to.outputs],
  ] as const;
  for (const [what, values, before, after] of sides) {
    const { fewest, most } = arityOf(after);
    const count = values.findLastIndex((value) => value !== undefined) + 1;
    if (count > most) return `${version} has not as many ${what}`;
    if (count < fewest) return `${version} asks for more ${what}`;
    for (const [index, value] of values.entries()) {
      const parameters = [parameterAt(before, index), parameterAt(after, index)] as const;
      if (value === undefined || parameters[0] === undefined || parameters[1] === undefined) continue;
      const allowed = new Set(typesOf(to, parameters[1]));
      if (typesOf(from, parameters[0]).every((type) => allowed.has(type))) continue;
      const dtype = elementTypeOf(value);
      if (dtype === undefined) return `${version} is for fewer types, and that of its ${what} is not known`;
      if (!allowed.has(dtype)) return `${version} is not for ${dtype}`;
    }
  }
  return undefined;
}

function holds(attribute: Attribute, value: AttributeDefault | undefined): boolean {
  if (value === undefined) return false;
  switch (attribute.kind) {
    case 'int':
    case 'float':
    case 'ints':
    case 'floats':
      return String(attribute.value) === String(value);
    case 'string':
      return new TextDecoder().decode(attribute.value) === value;
    default:
      return false;
  }
}

function elementTypeOf(value: Value): string | undefined {
  const type = knownType(value);
  return value.constant?.dtype ?? (type?.kind === 'tensor' ? type.dtype : undefined);
}

function typesOf(schema: OperatorSchema, parameter: Parameter): readonly string[] {
  return schema.typeConstraints.get(parameter.type) ?? [parameter.type];
}
