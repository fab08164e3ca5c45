import { onnx } from 'onnx-proto';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';

const FLOAT = 1;

/** A model file made by another writer than ours. Unless said otherwise: IR version 8, operator set 17. */
export function modelBytes(graph: onnx.IGraphProto, rest: onnx.IModelProto = {}): Uint8Array {
  return onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph, ...rest }).finish();
}

/** `y = Relu(x)` and the like. */
export function nodeProto(op: string, input: string[], output: string[], rest: onnx.INodeProto = {}): onnx.INodeProto {
  return { opType: op, input, output, ...rest };
}

/** A value of a float tensor type. */
export function info(name: string, ...dims: (number | string)[]): onnx.IValueInfoProto {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

/** A float tensor of one dimension. */
export function floats(name: string, ...values: number[]): onnx.ITensorProto {
  return { name, dataType: FLOAT, dims: [values.length], floatData: values };
}

export function graphAttribute(name: string, g: onnx.IGraphProto): onnx.IAttributeProto {
  return { name, type: onnx.AttributeProto.AttributeType.GRAPH, g };
}

/** The error that an action fails with; a failure of the test when it does not, or fails with another kind of error. */
export function errorOf(action: () => unknown): ModelpressError {
  try {
    action();
  } catch (error) {
    if (error instanceof ModelpressError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
