import { floatsOf, intOf } from '../../../ir/attribute.ts';
import type { Legalization, LegalizationTable } from './legalization.ts';

/** (x - offset) * scale, per feature or the same for all. */
const scaler: Legalization = (call) => {
  const offset = floatsOf(call.node, 'offset') ?? [0];
  const scale = floatsOf(call.node, 'scale') ?? [1];
  const x = call.input(0);
  if (x.type !== 'float32') call.refuse({ code: 'device-type', message: `Scaler of ${x.type}` });
  const shifted = call.emit('SUB', [x, call.floats(offset, [offset.length], 'offset')]);
  call.finish('MUL', [shifted, call.floats(scale, [scale.length], 'scale')]);
};

/** The elements at given places of the last axis. */
const arrayFeatureExtractor: Legalization = (call) => {
  const x = call.input(0);
  const axis = x.shape.length - 1;
  const places = call.emit('RESHAPE', [call.input(1), call.integers([call.resultShape().at(-1)!])], {
    shape: [call.resultShape().at(-1)!],
    type: call.type(1),
    options: { new_shape: [call.resultShape().at(-1)!] },
  });
  const shape = [...x.shape.slice(0, -1), call.resultShape().at(-1)!];
  const taken = call.emit('GATHER', [x, places], { shape, options: { axis, batch_dims: 0 } });
  call.finish('RESHAPE', [taken, call.integers(call.resultShape())], { new_shape: call.resultShape() });
};

/** 1 above the threshold, 0 elsewhere. */
const binarizer: Legalization = (call) => {
  const threshold = call.node.attributes.get('threshold');
  const bound = threshold?.kind === 'float' ? threshold.value : 0;
  const above = call.emit('GREATER', [call.input(0), call.scalar(bound)], { type: 'bool' });
  call.finish('CAST', [above], { in_data_type: 6, out_data_type: 0 });
};

/** The product with a matrix of coefficients and its intercepts, without a transform after it. */
const linearRegressor: Legalization = (call) => {
  const coefficients = floatsOf(call.node, 'coefficients') ?? [];
  const targets = intOf(call.node, 'targets') ?? 1;
  const intercepts = floatsOf(call.node, 'intercepts') ?? new Array<number>(targets).fill(0);
  if (call.node.attributes.has('post_transform')) {
    call.refuse({ code: 'device-operator-form', message: 'LinearRegressor with a transform of its result' });
  }
  const weights = call.floats(coefficients, [targets, coefficients.length / targets], 'weights');
  call.finish('FULLY_CONNECTED', [call.input(0), weights, call.floats(intercepts, [targets], 'bias')]);
};

export const CLASSICAL: LegalizationTable = {
  'ai.onnx.ml.Scaler': scaler,
  'ai.onnx.ml.ArrayFeatureExtractor': arrayFeatureExtractor,
  'ai.onnx.ml.Binarizer': binarizer,
  'ai.onnx.ml.LinearRegressor': linearRegressor,
};
