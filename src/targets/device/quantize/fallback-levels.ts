import type { OperatorName } from '../tflite/builtin-operators.ts';
import type { TfGraph, TfOperator } from '../tflite/tf-graph.ts';

/** How much of a graph computes with integers. */
export type IntegerLevel = 'all-operators' | 'float-results' | 'float-sensitive' | 'layers-only';

/** Operators whose 8-bit result is fixed to steps of 1/256 or so, which is coarse for a result that people read. */
const COARSE_RESULTS: ReadonlySet<OperatorName> = new Set(['SOFTMAX', 'LOG_SOFTMAX', 'LOGISTIC', 'TANH']);

/** Operators that hold the weights, where nearly all of the arithmetic is. */
const LAYERS: ReadonlySet<OperatorName> = new Set([
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'TRANSPOSE_CONV',
]);

/** The levels in the order in which they are tried. `float-sensitive` keeps the operators that bring in the most noise. */
export const INTEGER_LEVELS: readonly IntegerLevel[] = [
  'all-operators',
  'float-results',
  'float-sensitive',
  'layers-only',
];

/** Which operators of a graph stay float at a level that does not depend on data. */
export function keptInFloat(
  graph: TfGraph,
  level: Exclude<IntegerLevel, 'float-sensitive'>,
): (operator: TfOperator) => boolean {
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
