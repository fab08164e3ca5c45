import type { OperatorName } from '../../device/tflite/builtin-operators.ts';
import { ACTIVATIONS } from './activation.ts';
import { CONVOLUTION } from './convolution.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { INDEXING } from './indexing.ts';
import { MATMUL } from './matmul.ts';
import { MOVEMENT } from './movement.ts';
import { QUANTIZATION } from './quantization.ts';
import { REDUCTIONS } from './reduction.ts';
import { RESIZE } from './resize.ts';
import type { Translation, TranslationTable } from './translation.ts';

/** Every operator of TensorFlow Lite that has a form in TensorFlow.js, of kernels that its wasm backend has. */
const TRANSLATIONS: TranslationTable = {
  ...ELEMENTWISE,
  ...ACTIVATIONS,
  ...CONVOLUTION,
  ...MATMUL,
  ...MOVEMENT,
  ...INDEXING,
  ...QUANTIZATION,
  ...REDUCTIONS,
  ...RESIZE,
};

/** How an operator is translated, if it is. */
export function translationOf(name: OperatorName): Translation | undefined {
  return TRANSLATIONS[name];
}
