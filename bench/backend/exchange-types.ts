import { int } from '../../src/ir/attribute.ts';
import type { DataType } from '../../src/ir/dtype.ts';
import type { Model } from '../../src/ir/model.ts';
import { dtypeOf, shapeOf, tensorType } from '../../src/ir/value-type.ts';

/** Element types that onnxruntime-node takes and gives; it refuses others or, for 4-bit results, aborts the process. */
const EXCHANGED: ReadonlySet<DataType> = new Set([
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float64',
  'uint32',
  'uint64',
  'float16',
]);

/** The number of float32 in `TensorProto.DataType`. */
const FLOAT32 = 1;

/** Whether onnxruntime-node can feed and fetch tensors of a type; unknown types are not asked about. */
export function isExchanged(dtype: DataType | undefined): boolean {
  return dtype === undefined || EXCHANGED.has(dtype);
}

/** Appends a Cast to float32 to every output whose element type onnxruntime-node cannot return. */
export function castForeignOutputs({ graph }: Model): number {
  const outputs = [...graph.outputs];
  if (outputs.every(({ declared }) => isExchanged(dtypeOf(declared)))) return 0;
  for (let index = outputs.length - 1; index >= 0; index--) graph.removeOutput(index);
  let casts = 0;
  for (const { name, value, declared, extra } of outputs) {
    if (isExchanged(dtypeOf(declared))) graph.addOutput(value, name, { declared, extra });
    else {
      const cast = graph.append({ op: 'Cast', inputs: [value], attributes: { to: int(FLOAT32) } });
      const shape = shapeOf(declared);
      graph.addOutput(cast.outputs[0]!, `${name}_as_float32`, { declared: tensorType('float32', shape), extra });
      casts++;
    }
  }
  return casts;
}
