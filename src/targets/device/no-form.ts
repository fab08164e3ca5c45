import { describeNode, isOp, type Node } from '../../ir/node.ts';
import type { Refusal } from '../nhwc/refusal.ts';

/** An operator that TensorFlow Lite does not have. */
export function noForm(node: Node): Refusal {
  return {
    code: 'device-operator',
    at: describeNode(node),
    message: `TensorFlow Lite has no form of ${describeNode(node)}`,
    hint: isOp(node, 'NonMaxSuppression')
      ? 'Export the detector without its NonMaxSuppression, and pick the boxes in the program that runs the model.'
      : 'Keep this part of the model on the server, or export it with other operators.',
  };
}
