import type { OperatorName } from './builtin-operators.ts';
import type { ElementType } from './element-type.ts';

/** What tensors of a lowered graph may be made of before it is quantized; the runtime takes other types nowhere whole. */
export const LOWERED_TYPES: ReadonlySet<ElementType> = new Set([
  'float32',
  'int32',
  'int64',
  'bool',
  'int8',
  'uint8',
  'int16',
]);

const FLOAT = 'float32';
const WIDE = 'float32 int32 int64';
const ANY = 'float32 int32 int64 bool int8 uint8 int16';

/**
 * Types that the data of an operator may have when it is not quantized, by LiteRT 2.5.3's kernels: what they refuse, and
 * what they take for quantized numbers and scale. Operators without a row compute with float32 only.
 */
const TYPES: Partial<Record<OperatorName, string>> = {
  RESHAPE: ANY,
  TRANSPOSE: ANY,
  CONCATENATION: ANY,
  SLICE: ANY,
  STRIDED_SLICE: ANY,
  GATHER: ANY,
  GATHER_ND: 'float32 int32 int64 bool int8 uint8',
  PACK: ANY,
  UNPACK: ANY,
  SPLIT: 'float32 int32 int8 uint8 int16',
  SPLIT_V: 'float32 int32 int64 int8 uint8 int16',
  REVERSE_V2: 'float32 int32 int64 bool int8 uint8 int16',
  TILE: 'float32 int32 int64 bool uint8',
  BROADCAST_TO: 'float32 int32 int64 bool',
  SELECT_V2: ANY,
  SCATTER_ND: WIDE,
  WHILE: ANY,
  IF: ANY,
  FILL: WIDE,
  DYNAMIC_UPDATE_SLICE: WIDE,
  CAST: ANY,
  DEQUANTIZE: 'int8 uint8',
  ONE_HOT: 'int32 int64',
  PAD: WIDE,
  PADV2: WIDE,
  ADD: WIDE,
  SUB: WIDE,
  MUL: WIDE,
  MAXIMUM: WIDE,
  MINIMUM: WIDE,
  DIV: 'float32 int32',
  POW: 'float32 int32',
  FLOOR_MOD: WIDE,
  FLOOR_DIV: 'float32 int32',
  EQUAL: 'float32 int32 int64 bool',
  NOT_EQUAL: 'float32 int32 int64 bool',
  GREATER: WIDE,
  GREATER_EQUAL: WIDE,
  LESS: WIDE,
  LESS_EQUAL: WIDE,
  ABS: 'float32 int32',
  NEG: WIDE,
  SIGN: 'float32 int32',
  SUM: WIDE,
  MEAN: 'float32 int32 int64',
  REDUCE_MAX: WIDE,
  REDUCE_MIN: WIDE,
  REDUCE_PROD: WIDE,
  ARG_MAX: 'float32 int32',
  ARG_MIN: 'float32 int32',
  CUMSUM: WIDE,
  TOPK_V2: WIDE,
  LOGICAL_AND: 'bool',
  LOGICAL_OR: 'bool',
  LOGICAL_NOT: 'bool',
};

/** Operand that decides for operators whose first one is a parameter. */
const DATA_OPERAND: Partial<Record<OperatorName, number>> = {
  SPLIT: 1,
  SELECT_V2: 1,
  SCATTER_ND: 1,
  FILL: 1,
  TRANSPOSE_CONV: 2,
};

/** The operand of an operator that holds its data. */
export function dataOperand(name: OperatorName): number {
  return DATA_OPERAND[name] ?? 0;
}

/** Whether an operator computes with data of a type that is not quantized. */
export function computesWith(name: OperatorName, type: ElementType): boolean {
  return (TYPES[name] ?? FLOAT).split(' ').includes(type);
}
