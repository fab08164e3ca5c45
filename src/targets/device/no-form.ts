import { describeNode, type Node } from '../../ir/node.ts';
import type { Refusal } from '../nhwc/refusal.ts';

/** An operator that TensorFlow Lite does not have. */
export function noForm(node: Node): Refusal {
  return {
    code: 'device-operator',
    at: describeNode(node),
    message: `TensorFlow Lite has no form of ${describeNode(node)}`,
    hint: 'Keep this part of the model on the server, or export it with other operators.',
  };
}
