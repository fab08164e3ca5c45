import { intAttr } from '../node-def.ts';
import type { Translation, TranslationTable } from './translation.ts';

function reduction(op: string): Translation {
  return (call) =>
    call.node(op, [call.input(0), call.integers(call.integersOf(1))], {
      keep_dims: { b: call.operator.options.keep_dims === true },
    });
}

/** The kernel computes the mean of integers in floating point. */
const mean: Translation = (call) => {
  if (call.result().type !== 'float32') {
    call.refuse({ code: 'tfjs-type', message: `a mean of ${call.result().type} is no integer in TensorFlow.js` });
  }
  return reduction('Mean')(call);
};

function argument(op: string): Translation {
  return (call) => call.node(op, [call.input(0), call.integers(call.integersOf(1), [])]);
}

export const REDUCTIONS: TranslationTable = {
  MEAN: mean,
  SUM: reduction('Sum'),
  REDUCE_MAX: reduction('Max'),
  REDUCE_MIN: reduction('Min'),
  REDUCE_PROD: reduction('Prod'),
  ARG_MAX: argument('ArgMax'),
  ARG_MIN: argument('ArgMin'),
  CUMSUM: (call) =>
    call.node('Cumsum', [call.input(0), call.integers(call.integersOf(1), [])], {
      exclusive: { b: call.operator.options.exclusive === true },
      reverse: { b: call.operator.options.reverse === true },
    }),
  LOCAL_RESPONSE_NORMALIZATION: (call) =>
    call.node('LRN', [call.input(0)], {
      depth_radius: intAttr(call.option('radius')),
      bias: { f: call.option('bias') },
      alpha: { f: call.option('alpha') },
      beta: { f: call.option('beta') },
    }),
};
