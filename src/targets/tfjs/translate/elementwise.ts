import type { NodeRef } from '../graph-builder.ts';
import { HELD_TYPES, heldAs } from '../tfjs-types.ts';
import { activated } from './activation.ts';
import type { TranslateCall, Translation, TranslationTable } from './translation.ts';

function binary(op: string): Translation {
  return (call) => activated(call, call.node(op, [call.input(0), call.input(1)]));
}

/** The quotient of integers is cut towards zero, where TensorFlow.js rounds it down. */
const div: Translation = (call) => {
  if (call.result().type === 'float32') return binary('RealDiv')(call);
  const [a, b] = [call.input(0), call.input(1)];
  const size = call.node('FloorDiv', [call.node('Abs', [a]), call.node('Abs', [b])]);
  const sign = call.node('Mul', [call.node('Sign', [a]), call.node('Sign', [b])]);
  return call.node('Mul', [sign, size]);
};

/** Bits of the integers that are narrower than those that they are held in. */
const NARROW: Readonly<Record<string, { readonly low: number; readonly count: number }>> = {
  int8: { low: -128, count: 256 },
  uint8: { low: 0, count: 256 },
  int16: { low: -32768, count: 65536 },
};

/** Integers as a narrower type holds them: its low bits. */
function wrapped(call: TranslateCall, x: NodeRef, type: string): NodeRef {
  const { low, count } = NARROW[type]!;
  const shifted = low === 0 ? x : call.node('Sub', [x, call.scalar(low, 'int32')]);
  const rest = call.node('FloorMod', [shifted, call.scalar(count, 'int32')]);
  return low === 0 ? rest : call.node('AddV2', [rest, call.scalar(low, 'int32')]);
}

const cast: Translation = (call) => {
  const [from, to] = [call.tensor(0), call.result()];
  const [have, want] = [heldAs(from.type, from.name), heldAs(to.type, to.name)];
  const held = have === want ? call.input(0) : call.node('Cast', [call.input(0)], { DstT: { type: HELD_TYPES[want] } });
  const fits = from.type === 'bool' || (from.type === 'uint8' && to.type === 'int16') || from.type === to.type;
  return to.type in NARROW && !fits ? wrapped(call, held, to.type) : held;
};

export const ELEMENTWISE: TranslationTable = {
  ADD: binary('AddV2'),
  SUB: binary('Sub'),
  MUL: binary('Mul'),
  DIV: div,
  FLOOR_MOD: binary('FloorMod'),
  POW: binary('Pow'),
  MAXIMUM: binary('Maximum'),
  MINIMUM: binary('Minimum'),
  ATAN2: binary('Atan2'),
  EQUAL: binary('Equal'),
  NOT_EQUAL: binary('NotEqual'),
  GREATER: binary('Greater'),
  GREATER_EQUAL: binary('GreaterEqual'),
  LESS: binary('Less'),
  LESS_EQUAL: binary('LessEqual'),
  LOGICAL_AND: binary('LogicalAnd'),
  LOGICAL_OR: binary('LogicalOr'),
  LOGICAL_NOT: (call) => call.node('LogicalNot', [call.input(0)]),
  SELECT_V2: (call) => call.node('SelectV2', [call.input(0), call.input(1), call.input(2)]),
  CAST: cast,
};
