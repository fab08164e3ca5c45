import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/ir/graph.ts';
import type { Model } from '../../../src/ir/model.ts';
import { elementCount, type Tensor, toNumbers } from '../../../src/ir/tensor.ts';
import { shapeOf, tensorType } from '../../../src/ir/value-type.ts';
import { readModel } from '../../../src/onnx/read-model.ts';
import { decodeTensor } from '../../../src/onnx/tensor-file.ts';
import { evaluateDim } from '../../../src/ops/dims/evaluate-dim.ts';
import { inferGraph } from '../../../src/ops/infer/infer-graph.ts';
import { MAX_SYMBOLIC_ELEMENTS, type SymbolicValue } from '../../../src/ops/infer/symbolic-value.ts';
import { type BackendCase, backendCases, HAS_ZOO, testDataFiles, ZOO_NOTE } from '../../zoo.ts';
import { disagreement } from './observe.ts';

interface Outcome {
  readonly problems: string[];
  /** Results that are tensors, and those of them whose every dimension was inferred. */
  outputs: number;
  known: number;
  /** Results of which elements are known. */
  followed: number;
  readonly open: Map<string, number>;
}

function tensorAt(files: readonly Uint8Array[], index: number): Tensor | undefined {
  try {
    return files[index] && decodeTensor(files[index]);
  } catch {
    return undefined;
  }
}

/** Makes every input that holds few integers, booleans or scales a constant, as files out of an exporter have them. */
function freezeSmallInputs(graph: Graph, files: readonly Uint8Array[]): void {
  for (const [i, input] of [...graph.inputs].entries()) {
    const tensor = tensorAt(files, i);
    if (input.type?.kind !== 'tensor' || tensor === undefined || tensor.dtype === 'string' || tensor.dims.length > 1)
      continue;
    if (elementCount(tensor.dims) <= MAX_SYMBOLIC_ELEMENTS)
      graph.replaceAllUses(input, graph.addConstant(tensor), { outputs: true });
  }
}

/** Makes every dimension of every input a symbol of its own; their sizes are those of the test's inputs. */
function openDimensions(graph: Graph): void {
  for (const [i, input] of graph.inputs.entries()) {
    const { type } = input;
    if (type?.kind === 'tensor' && type.shape)
      graph.setType(
        input,
        tensorType(
          type.dtype,
          type.shape.map((_, axis) => `d${i}_${axis}`),
        ),
      );
  }
}

/** Where elements that inference says disagree with what came out. */
function wrongElements(
  value: SymbolicValue | undefined,
  actual: Tensor,
  sizes: ReadonlyMap<string, number>,
): string | undefined {
  if (value === undefined) return undefined;
  const numbers = toNumbers(actual);
  const said = value.elements.map((element) => evaluateDim(element, sizes));
  const agrees = said.every(
    (element, i) =>
      element === undefined || element === numbers[i] || Math.abs(element - numbers[i]!) < 1e-6 * Math.abs(element),
  );
  return agrees ? undefined : `holds ${numbers}, inferred ${said}`;
}

function bind(graph: Graph, inputs: readonly Uint8Array[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [i, input] of graph.inputs.entries()) {
    for (const [axis, dim] of shapeOf(input.type)?.entries() ?? []) {
      const size = tensorAt(inputs, i)?.dims[axis];
      if (typeof dim === 'string' && size !== undefined) sizes.set(dim, size);
    }
  }
  return sizes;
}

function check(
  { name, folder }: BackendCase,
  change: (model: Model, inputs: readonly Uint8Array[]) => void,
  outcome: Outcome,
): void {
  const model = readModel(readFileSync(join(folder, 'model.onnx')));
  const data = join(folder, 'test_data_set_0');
  change(model, testDataFiles(data, 'input'));
  const { types, values } = inferGraph(model.graph, model);
  const sizes = bind(model.graph, testDataFiles(data, 'input'));
  const expected = testDataFiles(data, 'output');
  for (const [i, { value }] of model.graph.outputs.entries()) {
    const type =
      value.constant === undefined ? types.get(value) : tensorType(value.constant.dtype, value.constant.dims);
    const actual = tensorAt(expected, i);
    if (actual === undefined || type?.kind === 'sequence' || type?.kind === 'optional') continue;
    outcome.outputs++;
    const problem = disagreement(type, actual, sizes);
    if (problem !== undefined) outcome.problems.push(`${name}: output ${i} ${problem}`);
    const wrong = wrongElements(values.get(value), actual, sizes);
    if (wrong !== undefined) outcome.problems.push(`${name}: output ${i} ${wrong}`);
    if (values.has(value)) outcome.followed++;
    if (shapeOf(type)?.every((dim) => dim !== undefined)) outcome.known++;
    else {
      const op = value.producer?.op ?? 'input';
      outcome.open.set(op, (outcome.open.get(op) ?? 0) + 1);
    }
  }
}

function checkAll(change: (model: Model, inputs: readonly Uint8Array[]) => void): Outcome {
  const outcome: Outcome = { problems: [], outputs: 0, known: 0, followed: 0, open: new Map() };
  for (const each of backendCases()) check(each, change, outcome);
  return outcome;
}

describe.skipIf(!HAS_ZOO)(`types inferred for the ONNX backend suite against its expected outputs${ZOO_NOTE}`, () => {
  it('agree with the sizes that the files declare, and leave few open', () => {
    const { problems, outputs, known } = checkAll(() => {});
    expect(problems).toEqual([]);
    expect(outputs).toBeGreaterThan(1200);
    expect(known / outputs).toBeGreaterThan(0.8);
  });

  it('agree when small inputs are constants, and so do elements', () => {
    const { problems, outputs, known, followed } = checkAll((model, inputs) => freezeSmallInputs(model.graph, inputs));
    expect(problems).toEqual([]);
    expect(known / outputs).toBeGreaterThan(0.92);
    expect(followed).toBeGreaterThan(90);
  });

  it('agree when every input dimension is a symbol', () => {
    const { problems, outputs, known } = checkAll((model) => openDimensions(model.graph));
    expect(problems).toEqual([]);
    expect(known / outputs).toBeGreaterThan(0.6);
  });
});
