import { fail } from '../diagnostics/modelpress-error.ts';
import { DATA_TYPES, type DataType } from '../ir/dtype.ts';

const NUMBERS: ReadonlyMap<DataType, number> = new Map(DATA_TYPES.map((dtype, index) => [dtype, index + 1]));

/** The element type behind a `TensorProto.DataType` number; `undefined` for 0 and for numbers of a later format. */
export function dataTypeFrom(number: number | undefined): DataType | undefined {
  return DATA_TYPES[(number ?? 0) - 1];
}

/** The same for data that cannot be read without it. @throws ModelpressError `onnx-unknown-element-type`. */
export function requireDataType(number: number | undefined, at: string): DataType {
  const dtype = dataTypeFrom(number);
  if (dtype !== undefined) return dtype;
  return fail({
    code: 'onnx-unknown-element-type',
    at,
    message: `'${at}' has element type ${number ?? 0}; known are 1 to ${DATA_TYPES.length}`,
    hint: 'The file is damaged or follows a newer ONNX than this program knows.',
  });
}

export function dataTypeNumber(dtype: DataType): number {
  return NUMBERS.get(dtype)!;
}
