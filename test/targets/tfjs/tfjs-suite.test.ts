import { afterAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { isFloat } from '../../../src/ir/dtype.ts';
import { type Tensor, toNumbers } from '../../../src/ir/tensor.ts';
import { decodeTensor } from '../../../src/onnx/tensor-file.ts';
import { openTfjsSession } from '../../../src/runtime/tfjs.ts';
import { TfjsHost } from '../../../src/runtime/tfjs-host.ts';
import { buildTfjsModel } from '../../../src/targets/tfjs/build-tfjs-model.ts';
import { type BackendCase, backendCases, HAS_ZOO, testDataFiles, ZOO_NOTE } from '../../zoo.ts';

/** Of the suite, every fifth case unless `MODELPRESS_FULL` is set: the lowering has its own test over all of it. */
const FULL = process.env.MODELPRESS_FULL === '1';
const EVERY = FULL ? 1 : 5;

/** Cases that must at least be translated; the others are refused, for types, operators and shapes that are not static. */
const MIN_EQUAL = FULL ? 500 : 80;

/** The suite's own relative tolerance, and one of the largest magnitude for sums that cancel. */
const RELATIVE_TOLERANCE = 1e-3;
const PEAK_TOLERANCE = 1e-4;
const ABSOLUTE_TOLERANCE = 1e-7;

describe.skipIf(!HAS_ZOO)(`the ONNX backend suite in TensorFlow.js${ZOO_NOTE}`, () => {
  const host = new TfjsHost();
  afterAll(() => host.close());

  it('gives no wrong number: each case is refused with a reason, or equal', { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    let equal = 0;
    let refused = 0;
    for (const each of backendCases().filter((_, k) => k % EVERY === 0)) {
      const outcome = await runCase(each, host);
      if (outcome === 'refused') refused++;
      else if (outcome === 'equal') equal++;
      else wrong.push(`${each.name}: ${outcome}`);
    }
    expect(wrong).toEqual([]);
    expect(equal, `${equal} equal, ${refused} refused`).toBeGreaterThan(MIN_EQUAL);
  });
});

async function runCase({ folder }: BackendCase, host: TfjsHost): Promise<string> {
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
  const built = buildTfjsModel(model, { binding: { shapes, constants } });
  if (built.kind === 'refused') return built.refused[0]?.code ? 'refused' : 'refused without a reason';
  const session = await openTfjsSession(built.files, { host, backend: 'wasm' });
  try {
    const found = await session.run(feed);
    if (session.backend !== 'wasm') return `it ran in ${session.backend}`;
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

function agrees(expected: Tensor, found: Tensor): boolean {
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
