import type { Node } from '../../../ir/node.ts';
import { operatorKey } from '../../../ops/operator-key.ts';
import { ACTIVATIONS } from './activation.ts';
import { CLASSICAL } from './classical.ts';
import { CONTROL_FLOW } from './control-flow.ts';
import { conv } from './convolution.ts';
import { ELEMENTWISE } from './elementwise.ts';
import type { Legalization, LegalizationTable } from './legalization.ts';
import { MATMUL } from './matmul.ts';
import { MOVEMENT } from './movement.ts';
import { NORMALIZATION } from './normalization.ts';
import { POOLING } from './pooling.ts';
import { QUANTIZATION } from './quantization.ts';
import { RECURRENT } from './recurrent.ts';
import { REDUCTIONS } from './reduction.ts';
import { RESIZE } from './resize.ts';
import { SCATTER } from './scatter.ts';
import { convTranspose } from './transposed-convolution.ts';

/** Every operator that has a form in TensorFlow Lite. */
const LEGALIZATIONS: LegalizationTable = {
  ...ELEMENTWISE,
  ...ACTIVATIONS,
  ...MATMUL,
  ...MOVEMENT,
  ...NORMALIZATION,
  ...POOLING,
  ...QUANTIZATION,
  ...RECURRENT,
  ...REDUCTIONS,
  ...RESIZE,
  ...SCATTER,
  ...CLASSICAL,
  ...CONTROL_FLOW,
  Conv: conv,
  ConvTranspose: convTranspose,
};

/** How a node is lowered, if its operator is. */
export function legalizationOf(node: Node): Legalization | undefined {
  const key = operatorKey(node.domain, node.op);
  return Object.hasOwn(LEGALIZATIONS, key) ? LEGALIZATIONS[key] : undefined;
}
