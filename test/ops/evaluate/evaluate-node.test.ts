import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Attribute, int, ints } from '../../../src/ir/attribute.ts';
import { isFloat } from '../../../src/ir/dtype.ts';
import { Graph } from '../../../src/ir/graph.ts';
import { opsetOf } from '../../../src/ir/model.ts';
import { equalTensors, int64Tensor, type Tensor, tensorFromNumbers, toNumbers } from '../../../src/ir/tensor.ts';
import { readModel } from '../../../src/onnx/read-model.ts';
import { decodeTensor } from '../../../src/onnx/tensor-file.ts';
import { canEvaluate, evaluateNode } from '../../../src/ops/evaluate/evaluate-node.ts';
import { backendCases, testDataFiles, ZOO_NOTE } from '../../zoo.ts';

/** Single-node cases of the backend suite that the kernels cover, or say they do not. */
function casesWithKernels() {
  return backendCases().flatMap(({ name, folder }) => {
    if (!name.includes('node')) return [];
    const model = readModel(readFileSync(join(folder, 'model.onnx')));
    const [node, ...others] = [...model.graph.nodes()];
    const tensors = model.graph.inputs.every((value) => value.type?.kind === 'tensor');
    return node === undefined || others.length > 0 || !tensors || !canEvaluate(node)
      ? []
      : [{ name, folder, node, model }];
  });
}

function expectSame(actual: Tensor | undefined, expected: Tensor, name: string): void {
  expect(actual?.dtype, name).toBe(expected.dtype);
  expect(actual?.dims, name).toEqual(expected.dims);
  if (!isFloat(expected.dtype)) {
    expect(equalTensors(actual!, expected), name).toBe(true);
    return;
  }
  const want = toNumbers(expected);
  const found = toNumbers(actual!);
  const scale = Math.max(...want.filter(Number.isFinite).map(Math.abs), 1e-30);
  for (const [i, value] of want.entries()) {
    if (Number.isFinite(value)) expect(Math.abs(found[i]! - value), `${name}[${i}]`).toBeLessThanOrEqual(2e-6 * scale);
    else expect(found[i], `${name}[${i}]`).toBe(value);
  }
}

describe(`kernels against the ONNX backend suite${ZOO_NOTE}`, () => {
  const cases = casesWithKernels();
  const declined: string[] = [];

  it.skipIf(cases.length === 0)(`give the suite's outputs or decline (${cases.length} cases)`, () => {
    for (const { name, folder, node, model } of cases) {
      const data = join(folder, 'test_data_set_0');
      const given = testDataFiles(data, 'input').map((bytes) => decodeTensor(bytes));
      const byInput = new Map(model.graph.inputs.map((value, i) => [value, given[i]]));
      const inputs = node.inputs.map((value) =>
        value === undefined ? undefined : (byInput.get(value) ?? value.constant),
      );
      const result = evaluateNode(node, inputs, opsetOf(model));
      if (result.kind === 'declined') {
        declined.push(`${name}: ${result.reason}`);
        continue;
      }
      const expected = testDataFiles(data, 'output').map((bytes) => decodeTensor(bytes));
      for (const [i, tensor] of expected.entries()) expectSame(result.outputs[i], tensor, name);
    }
  });

  it.skipIf(cases.length === 0)('decline few of them', () => {
    expect(declined.length / cases.length, declined.join('\n')).toBeLessThan(0.15);
  });
});

describe('operands that no runtime takes', () => {
  const graph = new Graph();
  const evaluated = (op: string, operands: readonly Tensor[], attributes: Record<string, Attribute> = {}) => {
    const node = graph.append({ op, inputs: operands.map((tensor) => graph.addConstant(tensor)), attributes });
    return evaluateNode(node, operands, 17).kind;
  };
  const row = (...values: number[]) => tensorFromNumbers('float32', [1, values.length], values);

  it('are declined, whatever size they ask for', () => {
    expect(evaluated('Expand', [row(1), int64Tensor([2, 3])])).toBe('value');
    expect(evaluated('Expand', [row(1), int64Tensor([-2, 3])])).toBe('declined');
    expect(evaluated('Tile', [row(1), int64Tensor([-1, -1])])).toBe('declined');
    expect(evaluated('ConstantOfShape', [int64Tensor([-1])])).toBe('declined');
    expect(evaluated('ConstantOfShape', [int64Tensor([0, -1])])).toBe('declined');
    expect(evaluated('ConstantOfShape', [int64Tensor([2 ** 40])])).toBe('declined');
    expect(evaluated('Transpose', [row(1)], { perm: ints([0]) })).toBe('declined');
    expect(evaluated('Concat', [row(1), row(1, 2)], { axis: int(0) })).toBe('declined');
    expect(evaluated('Concat', [row(1), row(1, 2)], { axis: int(1) })).toBe('value');
  });
});
