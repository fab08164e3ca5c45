import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { intOf } from '../../ir/attribute.ts';
import { calledFunction } from '../../ir/called-function.ts';
import type { Model } from '../../ir/model.ts';
import { describeNode, type Node } from '../../ir/node.ts';
import { isUnused } from '../../ir/value.ts';
import { nodesWithin } from '../../ir/walk.ts';
import { isDeterministic } from '../../ops/is-deterministic.ts';
import { operatorKey } from '../../ops/operator-key.ts';
import { nodeProblems } from '../../ops/schema/check-node.ts';
import type { OperatorSchema } from '../../ops/schema/operator-schema.ts';
import { schemaOfNode, schemaVersions } from '../../ops/schema/schema-of.ts';
import { findingOn, plural } from './finding.ts';

/** First opset of BatchNormalization that says in an attribute whether it trains; before, its further results say so. */
const TRAINING_MODE_SINCE = 14;

/** Nodes that are unknown, against their operator's schema, in training mode, random, or computed for nothing. */
export function findOperatorProblems(model: Model): Diagnostic[] {
  const unknown = new Map<string, number>();
  const malformed: string[] = [];
  const training: string[] = [];
  const random: string[] = [];
  const dead: string[] = [];
  for (const node of nodesWithin(model.graph)) {
    if (node.outputs.every((value) => value === undefined || isUnused(value))) dead.push(describeNode(node));
    if (calledFunction(node, model) !== undefined) continue;
    const schema = schemaOfNode(node, model.opsetImports);
    if (schema === undefined) {
      const what = describeUnknown(node, model);
      unknown.set(what, (unknown.get(what) ?? 0) + 1);
      continue;
    }
    malformed.push(...nodeProblems(node, schema));
    if (isTraining(node, schema, model)) training.push(describeNode(node));
    else if (!schema.deterministic && node.op !== 'Dropout') random.push(describeNode(node));
  }
  return [
    ...findingOn(
      Array.from(unknown, ([what, count]) => `${what}: ${plural(count, 'node')}`),
      () => ({
        code: 'inspect-operator-unknown',
        severity: 'warning',
        message:
          'the model has operators that are not known; they are kept as they are, and nothing is inferred of them',
        hint: 'A runtime needs a library of custom operators for them, or a newer version that has them.',
      }),
    ),
    ...findingOn(malformed, () => ({
      code: 'inspect-operator-malformed',
      severity: 'warning',
      message: `${plural(malformed.length, 'contradiction')} between nodes and their operators' versions; strict runtimes refuse the model`,
      hint: 'Export the model again, with the opset that it was written for.',
    })),
    ...findingOn(training, () => ({
      code: 'inspect-training-mode',
      severity: 'warning',
      message: `${plural(training.length, 'node')} in training mode: results depend on the batch or on chance`,
      hint: 'Put the model into evaluation mode before exporting it.',
    })),
    ...findingOn(random, () => ({
      code: 'inspect-operator-random',
      severity: 'note',
      message: `random numbers from ${plural(random.length, 'node')}: no two runs give the same, so results cannot be compared`,
    })),
    ...findingOn(dead, () => ({
      code: 'inspect-node-unused',
      severity: 'note',
      message: `nothing reads the results of ${plural(dead.length, 'node')}`,
      hint: 'Any run of `optimize` drops them.',
    })),
  ];
}

function describeUnknown({ domain, op }: Node, { opsetImports }: Model): string {
  const name = domain === '' ? op : `${domain}.${op}`;
  const [first] = schemaVersions(domain, op);
  if (first === undefined) return name;
  return `${name} (from opset ${first.since} on; the model imports ${opsetImports.get(domain) ?? 1})`;
}

function isTraining(node: Node, { since }: OperatorSchema, model: Model): boolean {
  switch (operatorKey(node.domain, node.op)) {
    case 'Dropout':
      return !isDeterministic(node, model);
    case 'BatchNormalization':
      if (since >= TRAINING_MODE_SINCE) return intOf(node, 'training_mode') === 1;
      return node.outputs.slice(1).some((value) => value !== undefined);
    default:
      return false;
  }
}
