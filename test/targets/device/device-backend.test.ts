import { afterAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { isFloat } from '../../../src/ir/dtype.ts';
import { type Tensor, toNumbers } from '../../../src/ir/tensor.ts';
import { decodeTensor } from '../../../src/onnx/tensor-file.ts';
import { openLiteRtSession } from '../../../src/runtime/litert.ts';
import { LiteRtHost } from '../../../src/runtime/litert-host.ts';
import { lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import { type BackendCase, backendCases, HAS_ZOO, testDataFiles, ZOO_NOTE } from '../../zoo.ts';

/** Cases that must at least be lowered; the others are refused, for types, operators and shapes that are not static. */
const MIN_LOWERED = 500;

describe.skipIf(!HAS_ZOO)(`the ONNX backend suite on the device${ZOO_NOTE}`, () => {
  const host = new LiteRtHost();
  afterAll(() => host.close());

  it('gives no wrong number: each case is refused with a reason, or equal', { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    let equal = 0;
    let refused = 0;
    for (const each of backendCases()) {
      const outcome = await runCase(each, host);
      if (outcome === 'refused') refused++;
      else if (outcome === 'equal') equal++;
      else wrong.push(`${each.name}: ${outcome}`);
    }
    expect(wrong).toEqual([]);
    expect(equal, `${equal} equal, ${refused} refused`).toBeGreaterThan(MIN_LOWERED);
  });
});

async function runCase({ folder }: BackendCase, host: LiteRtHost): Promise<string> {
  const model = await openModelFile(`${folder}/model.onnx`);
  const set = `${folder}/test_data_set_0`;
  const inputs = tensorsOf(set, 'input');
  const outputs = tensorsOf(set, 'output');
  const free = model.graph.inputs.filter((value) => value.initial === undefined);
  const feed = new Map(free.flatMap(({ name }, k) => (inputs[k] === undefined ? [] : [[name, inputs[k]] as const])));
  // Axes, shapes and sizes are inputs here, which nets have as constants.
  const constants = new Map(
    [...feed].filter(([, tensor]) => feed.size > 1 && tensor.dtype === 'int64' && tensor.dims.length <= 1),
  );
  const shapes = new Map([...feed].map(([name, tensor]) => [name, tensor.dims]));
  const lowering = lowerToTflite(model, { binding: { shapes, constants } });
  if (lowering.kind === 'refused') return lowering.report.refused[0]?.code ? 'refused' : 'refused without a reason';
  const session = await openLiteRtSession(lowering.bytes, { host });
  try {
    const found = await session.run(feed);
    for (const [k, { name }] of model.graph.outputs.entries()) {
      const expected = outputs[k];
      const got = found.get(name) as Tensor | undefined;
      if (expected === undefined || got === undefined) return `output ${name} is missing`;
      if (!agrees(expected, got)) return `output ${name} differs`;
    }
    return 'equal';
  } finally {
    await session.close();
  }
}

/** The suite's own tolerance, 1e-3 relative, and 1e-4 of the largest magnitude for cancelled sums. */
function agrees(expected: Tensor, found: Tensor): boolean {
  if (expected.dtype !== found.dtype) return false;
  const [a, b] = [toNumbers(expected), toNumbers(found)];
  const peak = a.reduce((largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0);
  const slack = isFloat(expected.dtype) ? 1e-4 * peak + 1e-7 : 0;
  return (
    a.length === b.length &&
    a.every((x, i) => Object.is(x, b[i]) || x === b[i] || Math.abs(x - b[i]!) <= slack + (slack && 1e-3 * Math.abs(x)))
  );
}

/** Sequences and optionals are no tensors; they stand for nothing here. */
function tensorsOf(set: string, kind: 'input' | 'output'): (Tensor | undefined)[] {
  return testDataFiles(set, kind).map((bytes) => {
    try {
      return decodeTensor(bytes, set);
    } catch {
      return undefined;
    }
  });
}
