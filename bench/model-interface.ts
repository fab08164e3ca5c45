import type { Model } from '../src/ir/model.ts';
import { formatType } from '../src/ir/value-type.ts';

/** What callers of a model see: names, order and types of its inputs and outputs. */
export interface ModelInterface {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

interface Port {
  readonly name: string;
  /** Absent where the file does not say it. */
  readonly type: string | undefined;
}

export function interfaceOf({ graph }: Model): ModelInterface {
  return {
    inputs: graph.inputs.map(({ name, type, initial }) => ({
      name,
      type: `${formatType(type)}${initial === undefined ? '' : ' with a default'}`,
    })),
    outputs: graph.outputs.map(({ name, declared }) => ({ name, type: declared && formatType(declared) })),
  };
}

/** The first in which the second interface differs from the first; undefined where it does not. */
export function differenceOfInterfaces(before: ModelInterface, after: ModelInterface): string | undefined {
  return (
    differenceOfPorts('input', before.inputs, after.inputs) ??
    differenceOfPorts('output', before.outputs, after.outputs)
  );
}

function differenceOfPorts(kind: string, before: readonly Port[], after: readonly Port[]): string | undefined {
  if (before.length !== after.length) return `${before.length} ${kind}s became ${after.length}`;
  for (const [index, { name, type }] of before.entries()) {
    const now = after[index]!;
    if (name !== now.name) return `${kind} ${name} became ${now.name}`;
    if (type !== undefined && type !== now.type) return `${kind} ${name}: ${type} became ${now.type}`;
  }
  return undefined;
}
