import type { Graph } from '../../../ir/graph.ts';
import { describeNode } from '../../../ir/node.ts';
import type { Value } from '../../../ir/value.ts';
import type { TfTensor } from '../tflite/tf-graph.ts';
import type { LegalizeCall } from './legalization.ts';

/** The graph that an attribute of a node holds. */
export function graphOf(call: LegalizeCall, name: string): Graph {
  const attribute = call.node.attributes.get(name);
  if (attribute?.kind === 'graph') return attribute.value;
  return call.refuse({ code: 'device-operator-form', message: `${describeNode(call.node)} has no ${name}` });
}

/** What stands for values, one by one. */
export function standIns(values: readonly Value[], tensors: readonly TfTensor[]): Map<Value, TfTensor> {
  return new Map(values.map((value, k) => [value, tensors[k]!]));
}

/** Inputs of a graph of its own for tensors like these. */
export function inputsLike(call: LegalizeCall, tensors: readonly TfTensor[], label: string): readonly TfTensor[] {
  return tensors.map(({ shape, type }, k) => call.tensor(shape, type, `${label}${k}`));
}

/**
 * Outputs of a graph of its own: tensors that operators in it make, none twice.
 *
 * @param inPlace whether an input may stand in its own place, as what a loop carries on unchanged.
 */
export function ownOutputs(
  call: LegalizeCall,
  outputs: readonly TfTensor[],
  inputs: readonly TfTensor[],
  inPlace = false,
): readonly TfTensor[] {
  const taken = new Set(inputs);
  return outputs.map((tensor, k) => {
    const free = (inPlace && tensor === inputs[k]) || (tensor.data === undefined && !taken.has(tensor));
    const own = free ? tensor : copied(call, tensor);
    taken.add(own);
    return own;
  });
}

function copied(call: LegalizeCall, tensor: TfTensor): TfTensor {
  const { shape, type } = tensor;
  return call.emit('RESHAPE', [tensor, call.integers(shape)], { shape, type, options: { new_shape: shape } });
}
