import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfGraph, TfOperator } from '../tflite/tf-graph.ts';

/** How much of a graph computes with integers. */
export type IntegerLevel = 'all-operators' | 'float-results' | 'layers-only';

/** Operators whose 8-bit result is fixed to steps of 1/256 or so, which is coarse for a result that people read. */
const COARSE_RESULTS: ReadonlySet<OperatorName> = new Set(['SOFTMAX', 'LOG_SOFTMAX', 'LOGISTIC', 'TANH']);

/** Operators that hold the weights, where nearly all of the arithmetic is. */
const LAYERS: ReadonlySet<OperatorName> = new Set([
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'TRANSPOSE_CONV',
]);

/** The levels in the order in which they are tried: each keeps more in float than the one before. */
export const INTEGER_LEVELS: readonly IntegerLevel[] = ['all-operators', 'float-results', 'layers-only'];

/** Which operators of a graph stay float at a level. */
export function keptInFloat(graph: TfGraph, level: IntegerLevel): (operator: TfOperator) => boolean {
  switch (level) {
    case 'all-operators':
      return () => false;
    case 'float-results': {
      const results = new Set(graph.outputs.map((port) => port.tensor));
      return ({ name, outputs }) => COARSE_RESULTS.has(name) && outputs.some((tensor) => results.has(tensor));
    }
    case 'layers-only':
      return ({ name }) => !LAYERS.has(name);
  }
}
