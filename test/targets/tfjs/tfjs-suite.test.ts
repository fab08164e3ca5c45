import { afterAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { openTfjsSession } from '../../../src/runtime/tfjs.ts';
import { TfjsHost } from '../../../src/runtime/tfjs-host.ts';
import { buildTfjsModel } from '../../../src/targets/tfjs/build-tfjs-model.ts';
import { agreesWithSuite, suiteTensors } from '../../suite-tensors.ts';
import { type BackendCase, backendCases, HAS_ZOO, ZOO_NOTE } from '../../zoo.ts';

/** Of the suite, every fifth case unless `MODELPRESS_FULL` is set: the lowering has its own test over all of it. */
const FULL = process.env.MODELPRESS_FULL === '1';
const EVERY = FULL ? 1 : 5;

/** Cases that must at least be translated; the others are refused, for types, operators and shapes that are not static. */
const MIN_EQUAL = FULL ? 500 : 80;

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
  const inputs = suiteTensors(set, 'input');
  const outputs = suiteTensors(set, 'output');
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
      if (!agreesWithSuite(expected, got)) return `output ${name} differs`;
    }
    return 'equal';
  } finally {
    await session.close();
  }
}
