import type { DataType } from '../ir/dtype.ts';
import { subgraphsOf } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { dtypeOf } from '../ir/value-type.ts';
import { parameterAt } from './schema/check-node.ts';
import type { OperatorSchema, Parameter } from './schema/operator-schema.ts';

/**
 * Operators that stay in float32 although their schema has float16: sums over many elements and exponents that overflow
 * it, coordinates that it cannot tell apart, generators whose type an attribute sets, and the two ends of 8-bit regions.
 */
const KEPT_IN_FLOAT32: ReadonlySet<string> = new Set([
  'Bernoulli',
  'Constant',
  'ConstantOfShape',
  'DequantizeLinear',
  'QuantizeLinear',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'CumSum',
  'DFT',
  'EyeLike',
  'GridSample',
  'MeanVarianceNormalization',
  'NonMaxSuppression',
  'Range',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceProd',
  'ReduceSumSquare',
  'RoiAlign',
  'STFT',
  'TopK',
]);

/** Whether a node computes the same on float16 in the place of float32, as far as its operator's schema says. */
export function runsInFloat16(node: Node, schema: OperatorSchema | undefined): boolean {
  if (schema === undefined || node.domain !== '' || KEPT_IN_FLOAT32.has(node.op)) return false;
  // Its branches or body go on computing in float32.
  if (subgraphsOf(node).length > 0) return false;
  const sides = [
    [node.inputs, schema.inputs],
    [node.outputs, schema.outputs],
  ] as const;
  let floats = 0;
  for (const [values, parameters] of sides) {
    for (const [index, value] of values.entries()) {
      if (value === undefined) continue;
      const dtype = floatTypeOf(value);
      if (dtype === undefined) return false;
      if (dtype !== 'float32') continue;
      const parameter = parameterAt(parameters, index);
      if (parameter === undefined) return false;
      if (takesFloat16(parameter, schema)) floats++;
      // A result that is always float32 is no reason against it; nor is an operand, which is then fed as float32.
      else if (values === node.outputs) return false;
    }
  }
  return floats > 0;
}

/** Whether an operand may be float16: its type is a variable that stands for it. */
export function takesFloat16(parameter: Parameter, schema: OperatorSchema): boolean {
  return schema.typeConstraints.get(parameter.type)?.includes('float16') ?? false;
}

/** The element type of a value, proven or given; `undefined` where it is not known. */
export function floatTypeOf(value: Value): DataType | undefined {
  return value.constant?.dtype ?? dtypeOf(value.type);
}
