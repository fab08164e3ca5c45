import { fail } from '../../diagnostics/modelpress-error.ts';
import { isFloat, isInteger } from '../../ir/dtype.ts';
import type { Graph } from '../../ir/graph.ts';
import { isStatic } from '../../ir/shape.ts';
import { elementCount, type Tensor, tensorFromNumbers, toNumbers } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';

/**
 * Makes inputs constants: what reads them reads these numbers, and the model takes them no longer. One number stands for
 * all elements of an input.
 *
 * @throws ModelpressError `interface-unknown-name` for an input that is not there, `interface-value` for numbers that an
 * input cannot hold.
 */
export function fixValues(graph: Graph, values: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, numbers] of Object.entries(values)) {
    const input = graph.inputs.find((value) => value.name === name);
    if (input === undefined) {
      fail({
        code: 'interface-unknown-name',
        at: graph.name,
        message: `the model has no input '${name}'; it has ${graph.inputs.map((value) => value.name).join(', ')}`,
        hint: 'See the names with `optimize inspect`.',
      });
    }
    graph.replaceAllUses(input, graph.addConstant(tensorOf(input, numbers), name), { outputs: true });
    graph.eraseValue(input);
  }
}

function tensorOf(input: Value, numbers: readonly number[]): Tensor {
  const { type } = input;
  if (type?.kind !== 'tensor') return unfit(input, 'it is not known to be a tensor');
  if (!isFloat(type.dtype) && !isInteger(type.dtype) && type.dtype !== 'bool')
    return unfit(input, `it holds ${type.dtype}, no numbers`);
  const dims = type.shape ?? unfit(input, 'its rank is not known');
  if (!isStatic(dims)) return unfit(input, 'its sizes are open');
  const count = elementCount(dims);
  if (numbers.length !== 1 && numbers.length !== count)
    return unfit(input, `it has ${count} elements, and ${numbers.length} are given`);
  const all = numbers.length === 1 ? new Array<number>(count).fill(numbers[0]!) : numbers;
  const tensor = tensorFromNumbers(type.dtype, dims, all);
  const exact = isFloat(type.dtype) || toNumbers(tensor).every((number, k) => number === all[k]);
  return exact ? tensor : unfit(input, `${type.dtype} does not hold these numbers`);
}

function unfit(input: Value, reason: string): never {
  return fail({
    code: 'interface-value',
    at: input.name,
    message: `input '${input.name}' cannot be made a constant: ${reason}`,
    hint: 'Give one number for all elements, or one for each in order, and fix open sizes first with --fix-shape.',
  });
}
