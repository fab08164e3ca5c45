import { intOf } from '../../../ir/attribute.ts';
import { integersOf } from '../../../rewrite/constant-numbers.ts';
import type { OperatorName } from '../tflite/builtin-operators.ts';
import { ELEMENT_TYPES } from '../tflite/element-type.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { reshape } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

/** The axes of a reduction as they lie in memory; none where it does nothing. */
function axesOf(call: LegalizeCall): readonly number[] {
  const rank = call.shape(0).length;
  const axes = integersOf(call.node, 'axes', 1);
  if (axes === 'unknown') {
    return call.refuse({ code: 'device-parameter-not-constant', message: 'the axes of a reduction are not constant' });
  }
  const none = axes === 'absent' || axes.length === 0;
  if (none && intOf(call.node, 'noop_with_empty_axes') === 1) return [];
  const all = none ? Array.from({ length: rank }, (_, axis) => axis) : axes;
  const order = call.operandOrder(0);
  return all.map((axis) => order.indexOf(axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
}

interface Reduction {
  /** What is reduced, made of the operand. */
  readonly before?: (call: LegalizeCall, x: TfTensor) => TfTensor;
  readonly name: OperatorName;
  readonly after?: OperatorName;
}

function reduction({ before, name, after }: Reduction): Legalization {
  return (call) => {
    const axes = axesOf(call);
    const operand = call.input(0);
    const x = before === undefined ? operand : before(call, operand);
    const options = { keep_dims: (intOf(call.node, 'keepdims') ?? 1) === 1 };
    if (axes.length === 0) return after === undefined ? call.bind(x) : call.finish(after, [x]);
    if (after === undefined) return call.finish(name, [x, call.integers(axes)], options);
    call.finish(after, [call.emit(name, [x, call.integers(axes)], { options })]);
  };
}

const square = (call: LegalizeCall, x: TfTensor): TfTensor => call.emit('MUL', [x, x], { shape: x.shape });

/** The largest is taken out before the exponentials, which then do not overflow. */
const logSumExp: Legalization = (call) => {
  const axes = axesOf(call);
  const x = call.input(0);
  if (axes.length === 0) return call.bind(x);
  const kept = x.shape.map((dim, k) => (axes.includes(k) ? 1 : dim));
  const list = call.integers(axes);
  const options = { keep_dims: true };
  const peak = call.emit('REDUCE_MAX', [x, list], { shape: kept, options });
  const powers = call.emit('EXP', [call.emit('SUB', [x, peak], { shape: x.shape })], { shape: x.shape });
  const sum = call.emit('SUM', [powers, list], { shape: kept, options });
  const result = call.emit('ADD', [call.emit('LOG', [sum], { shape: kept }), peak], { shape: kept });
  call.bind(
    reshape(
      call,
      result,
      call.order.map((axis) => call.resultShape()[axis]!),
    ),
  );
};

function argument(name: 'ARG_MAX' | 'ARG_MIN'): Legalization {
  return (call) => {
    const rank = call.shape(0).length;
    const logical = intOf(call.node, 'axis') ?? 0;
    const at = call.operandOrder(0).indexOf(logical < 0 ? logical + rank : logical);
    const x = call.input(0);
    const type = call.resultType();
    const options = { output_type: ELEMENT_TYPES[type] };
    const dropped = x.shape.filter((_, k) => k !== at);
    const axis = call.integers([at], []);
    // The last of equals is the first of them from behind.
    const last = intOf(call.node, 'select_last_index') === 1;
    const source = last ? call.emit('REVERSE_V2', [x, call.integers([at])], { shape: x.shape, type: x.type }) : x;
    const found = call.emit(name, [source, axis], { shape: dropped, options });
    const places = last ? call.emit('SUB', [call.scalar(x.shape[at]! - 1, type), found], { shape: dropped }) : found;
    call.bind(
      reshape(
        call,
        places,
        call.order.map((axis) => call.resultShape()[axis]!),
      ),
    );
  };
}

/** 1 at the first largest element of each row along an axis, 0 elsewhere. */
const hardmax: Legalization = (call) => {
  const axis = call.axis(intOf(call.node, 'axis') ?? -1);
  if (call.opset < 13) call.refuse({ code: 'device-opset', message: 'Hardmax before opset 13' });
  const x = call.input(0);
  const dropped = x.shape.filter((_, k) => k !== axis);
  const options = { output_type: ELEMENT_TYPES.int32 };
  const places = call.emit('ARG_MAX', [x, call.integers([axis], [])], { shape: dropped, type: 'int32', options });
  const depth = call.integers([x.shape[axis]!], []);
  call.finish('ONE_HOT', [places, depth, call.scalar(1), call.scalar(0)], { axis });
};

export const REDUCTIONS: LegalizationTable = {
  ReduceMean: reduction({ name: 'MEAN' }),
  ReduceSum: reduction({ name: 'SUM' }),
  ReduceMax: reduction({ name: 'REDUCE_MAX' }),
  ReduceMin: reduction({ name: 'REDUCE_MIN' }),
  ReduceProd: reduction({ name: 'REDUCE_PROD' }),
  ReduceL1: reduction({ before: (call, x) => call.emit('ABS', [x], { shape: x.shape }), name: 'SUM' }),
  ReduceL2: reduction({ before: square, name: 'SUM', after: 'SQRT' }),
  ReduceSumSquare: reduction({ before: square, name: 'SUM' }),
  ReduceLogSum: reduction({ name: 'SUM', after: 'LOG' }),
  ReduceLogSumExp: logSumExp,
  Hardmax: hardmax,
  ArgMax: argument('ARG_MAX'),
  ArgMin: argument('ARG_MIN'),
};
