import { isFloat } from '../src/ir/dtype.ts';
import { type Tensor, toNumbers } from '../src/ir/tensor.ts';
import { decodeTensor } from '../src/onnx/tensor-file.ts';
import { testDataFiles } from './zoo.ts';

/** The backend suite's own relative tolerance, and one of the largest magnitude for sums that cancel. */
const RELATIVE_TOLERANCE = 1e-3;
const PEAK_TOLERANCE = 1e-4;
const ABSOLUTE_TOLERANCE = 1e-7;

/** The tensors of a test data set in order. Sequences and optionals are no tensors; they stand for nothing here. */
export function suiteTensors(set: string, kind: 'input' | 'output'): (Tensor | undefined)[] {
  return testDataFiles(set, kind).map((bytes) => {
    try {
      return decodeTensor(bytes, set);
    } catch {
      return undefined;
    }
  });
}

/** Whether an answer is that of the suite: floats within its tolerance, everything else to the bit. */
export function agreesWithSuite(expected: Tensor, found: Tensor): boolean {
  if (expected.dtype !== found.dtype) return false;
  const [a, b] = [toNumbers(expected), toNumbers(found)];
  const peak = a.reduce((largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0);
  const slack = isFloat(expected.dtype) ? PEAK_TOLERANCE * peak + ABSOLUTE_TOLERANCE : 0;
  const relative = slack === 0 ? 0 : RELATIVE_TOLERANCE;
  return (
    a.length === b.length &&
    a.every((x, i) => Object.is(x, b[i]) || x === b[i] || Math.abs(x - b[i]!) <= slack + relative * Math.abs(x))
  );
}
