import type { DataType } from '../../ir/dtype.ts';
import type { Dim, Shape } from '../../ir/shape.ts';
import { dtypeOf, tensorType, type ValueType } from '../../ir/value-type.ts';
import { parameterAt } from '../schema/check-node.ts';
import type { NodeCall } from './node-call.ts';
import type { SymbolicValue } from './symbolic-value.ts';

/** What a rule says of one result: its shape, when the operator table tells the element type; its type; or nothing. */
export type Inferred = Shape | ValueType | undefined;

/** What is proven of a node's results, in order; results beyond the list are known by their element type only. */
export type InferRule = (call: NodeCall) => readonly Inferred[];

/** What is known of the elements of a node's results, given the types that were inferred for them. */
export type ValueRule = (
  call: NodeCall,
  types: readonly (ValueType | undefined)[],
) => readonly (SymbolicValue | undefined)[];

/** Rules by operator: `Conv` of ai.onnx, `com.microsoft.FusedConv` of another domain. */
export type InferRules = Readonly<Record<string, InferRule>>;

/** A rule's answer for result `index` as a type. */
export function typeOfInferred(call: NodeCall, index: number, inferred: Inferred): ValueType | undefined {
  if (inferred !== undefined && 'kind' in inferred) return checkedType(inferred);
  const dtype = resultDtype(call, index);
  return dtype === undefined ? undefined : tensorType(dtype, inferred?.map(checkedDim));
}

/** The type with sizes that can be; those of a rule that states the type in full are checked like all others. */
function checkedType(type: ValueType): ValueType {
  switch (type.kind) {
    case 'tensor':
    case 'sparse-tensor':
      return type.shape === undefined ? type : { ...type, shape: type.shape.map(checkedDim) };
    case 'sequence':
    case 'optional':
      return type.element === undefined ? type : { ...type, element: checkedType(type.element) };
    default:
      return type;
  }
}

/** Sizes are whole and never negative; a rule that arrives at another has met a model that does not run. */
function checkedDim(dim: Dim): Dim {
  return typeof dim === 'number' && !(Number.isSafeInteger(dim) && dim >= 0) ? undefined : dim;
}

/** The element type that the operator table gives result `index`, through the operands that share its type variable. */
export function resultDtype(call: NodeCall, index: number): DataType | undefined {
  const { schema, node } = call;
  const parameter = parameterAt(schema.outputs, index);
  if (parameter === undefined || (parameter.option === 'variadic' && !parameter.homogeneous)) return undefined;
  const allowed = schema.typeConstraints.get(parameter.type);
  const only = allowed === undefined ? parameter.type : allowed.length === 1 ? allowed[0]! : undefined;
  if (only !== undefined) return /[(]/.test(only) ? undefined : (only as DataType);
  for (let at = 0; at < node.inputs.length; at++) {
    const operand = parameterAt(schema.inputs, at);
    if (operand?.type !== parameter.type || (operand.option === 'variadic' && !operand.homogeneous)) continue;
    const dtype = dtypeOf(call.type(at));
    if (dtype !== undefined) return dtype;
  }
  return undefined;
}
