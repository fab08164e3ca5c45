import { intOf } from '../../../ir/attribute.ts';
import { isFloat } from '../../../ir/dtype.ts';
import type { OperatorName } from '../tflite/builtin-operators.ts';
import { ELEMENT_TYPES } from '../tflite/element-type.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import { finishBroadcast } from './broadcast-rank.ts';
import type { Legalization, LegalizationTable, LegalizeCall } from './legalization.ts';

function binary(name: OperatorName): Legalization {
  return (call) => finishBroadcast(call, name, [call.broadcast(0), call.broadcast(1)]);
}

/** An operator of any number of operands as a chain of a binary one. */
function chain(call: LegalizeCall, name: OperatorName, last?: (sum: TfTensor) => void): void {
  const operands = call.node.inputs.map((_, index) => call.broadcast(index));
  let result = operands[0]!;
  for (const [i, operand] of operands.slice(1).entries()) {
    if (i === operands.length - 2 && last === undefined) {
      finishBroadcast(call, name, [result, operand]);
      return;
    }
    result = call.emit(name, [result, operand]);
  }
  if (last === undefined) call.bind(call.input(0, call.order));
  else last(result);
}

const div: Legalization = (call) => {
  const type = call.resultType();
  if (type === 'float32' || type === 'int32') return binary('DIV')(call);
  return throughInt32(call, 'DIV');
};

/** Integers of other widths compute in 32 bits, of which results keep the low ones. */
function throughInt32(call: LegalizeCall, name: OperatorName): void {
  const type = call.resultType();
  const narrow = (tensor: TfTensor): TfTensor => cast(call, tensor, 'int32');
  const result = call.emit(name, [narrow(call.broadcast(0)), narrow(call.broadcast(1))], { type: 'int32' });
  call.finish('CAST', [result], castOptions('int32', type));
}

const mod: Legalization = (call) => {
  const fmod = intOf(call.node, 'fmod') === 1;
  if (!fmod) return binary('FLOOR_MOD')(call);
  // The remainder of truncated division has the sign of the dividend: x - y * truncate(x / y).
  if (!isFloat(call.resultType())) call.refuse({ code: 'device-operator-form', message: 'Mod with fmod on integers' });
  const [x, y] = [call.broadcast(0), call.broadcast(1)];
  const quotient = call.emit('DIV', [x, y]);
  const truncated = call.emit('MUL', [
    call.emit('SIGN', [quotient]),
    call.emit('FLOOR', [call.emit('ABS', [quotient])]),
  ]);
  call.finish('SUB', [x, call.emit('MUL', [y, truncated])]);
};

const xor: Legalization = (call) => {
  if (call.resultType() !== 'bool') call.refuse({ code: 'device-type', message: 'Xor of numbers' });
  finishBroadcast(call, 'NOT_EQUAL', [call.broadcast(0), call.broadcast(1)]);
};

function comparison(name: OperatorName): Legalization {
  return (call) => {
    const [a, b] = [call.broadcast(0), call.broadcast(1)];
    finishBroadcast(call, name, [a, b]);
  };
}

const where: Legalization = (call) =>
  finishBroadcast(call, 'SELECT_V2', [call.broadcast(0), call.broadcast(1), call.broadcast(2)]);

const prelu: Legalization = (call) => {
  const slope = call.broadcast(1);
  const x = call.input(0);
  // The kernel takes one slope per channel, the last axis, without the batch.
  const perChannel = slope.shape.length === x.shape.length && slope.shape.slice(0, -1).every((dim) => dim === 1);
  if (slope.data !== undefined && perChannel && x.shape.length > 1) {
    const alpha = call.constantTensor(slope.type, slope.shape.slice(1), slope.data, 'slope');
    return call.finish('PRELU', [x, alpha]);
  }
  const negative = call.emit('MUL', [slope, call.emit('RELU', [call.emit('NEG', [x])])]);
  call.finish('SUB', [call.emit('RELU', [x]), negative]);
};

/** A tensor in another element type. */
export function cast(call: LegalizeCall, tensor: TfTensor, type: TfTensor['type']): TfTensor {
  if (tensor.type === type) return tensor;
  return call.emit('CAST', [tensor], { type, shape: tensor.shape, options: castOptions(tensor.type, type) });
}

/** The fields of a CAST's options. */
export function castOptions(from: TfTensor['type'], to: TfTensor['type']) {
  return { in_data_type: ELEMENT_TYPES[from], out_data_type: ELEMENT_TYPES[to] };
}

export const ELEMENTWISE: LegalizationTable = {
  Add: binary('ADD'),
  Sub: binary('SUB'),
  Mul: binary('MUL'),
  Div: div,
  Pow: (call) => {
    const [x, y] = [call.broadcast(0), call.broadcast(1)];
    finishBroadcast(call, 'POW', [x, cast(call, y, x.type)]);
  },
  Mod: mod,
  Max: (call) => chain(call, 'MAXIMUM'),
  Min: (call) => chain(call, 'MINIMUM'),
  Sum: (call) => chain(call, 'ADD'),
  Mean: (call) => chain(call, 'ADD', (sum) => call.finish('MUL', [sum, call.scalar(1 / call.node.inputs.length)])),
  And: binary('LOGICAL_AND'),
  Or: binary('LOGICAL_OR'),
  Xor: xor,
  Not: (call) => call.finish('LOGICAL_NOT', [call.input(0)]),
  Equal: comparison('EQUAL'),
  Greater: comparison('GREATER'),
  GreaterOrEqual: comparison('GREATER_EQUAL'),
  Less: comparison('LESS'),
  LessOrEqual: comparison('LESS_EQUAL'),
  Where: where,
  PRelu: prelu,
  Cast: (call) => {
    const x = call.input(0);
    const to = call.resultType();
    if (x.type === to) return call.bind(x);
    if (to === 'bool') return call.finish('NOT_EQUAL', [x, call.scalar(0, x.type)]);
    call.finish('CAST', [x], castOptions(x.type, to));
  },
  Identity: (call) => call.bind(call.input(0)),
  IsNaN: (call) => call.finish('NOT_EQUAL', [call.input(0), call.input(0)]),
};
