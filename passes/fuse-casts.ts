import { intOf } from '../src/ir/attribute.ts';
import { DATA_TYPES, type DataType } from '../src/ir/dtype.ts';
import type { Node } from '../src/ir/node.ts';
import { dtypeOf } from '../src/ir/value-type.ts';
import { op, v } from '../src/rewrite/pattern.ts';
import { defineRule } from '../src/rewrite/rule.ts';
import { rulePass } from '../src/rewrite/rule-pass.ts';

/** The types that hold every value of a type, beside itself. */
const HOLDERS: Partial<Record<DataType, readonly DataType[]>> = {
  bool: [
    'uint8',
    'int8',
    'uint16',
    'int16',
    'uint32',
    'int32',
    'uint64',
    'int64',
    'float16',
    'bfloat16',
    'float32',
    'float64',
  ],
  uint8: ['uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float16', 'bfloat16', 'float32', 'float64'],
  int8: ['int16', 'int32', 'int64', 'float16', 'bfloat16', 'float32', 'float64'],
  uint16: ['uint32', 'int32', 'uint64', 'int64', 'float32', 'float64'],
  int16: ['int32', 'int64', 'float32', 'float64'],
  uint32: ['uint64', 'int64', 'float64'],
  int32: ['int64', 'float64'],
  float16: ['float32', 'float64'],
  bfloat16: ['float32', 'float64'],
  float32: ['float64'],
};

const castOfCast = defineRule({
  name: 'cast-of-cast',
  match: op('Cast', op('Cast', v('x')).as('first').shared()).as('second'),
  reject: ({ x, first, second }) => {
    const from = dtypeOf(x.type);
    if (from === undefined) return 'the element type is not proven';
    const between = targetOf(first);
    const to = targetOf(second);
    if (!holds(between, from)) return 'the first Cast may lose something';
    return holds(to, from) ? undefined : 'the second Cast may lose something';
  },
  rewrite: ({ x, second }, build) =>
    targetOf(second) === dtypeOf(x.type) ? x : build.op('Cast', [x], { to: second.attributes.get('to') }),
});

/** Makes one Cast of two in a row, or none, where neither loses anything. */
export const fuseCasts = rulePass({
  name: 'fuse-casts',
  summary: 'Make one Cast of two in a row where neither loses anything',
  effect: 'exact',
  rules: [castOfCast],
});

function targetOf(cast: Node): DataType | undefined {
  return DATA_TYPES[(intOf(cast, 'to') ?? 0) - 1];
}

function holds(holder: DataType | undefined, held: DataType): boolean {
  return holder !== undefined && (holder === held || (HOLDERS[held]?.includes(holder) ?? false));
}
