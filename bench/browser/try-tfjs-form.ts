import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import { openTfjsSession } from '../../src/runtime/tfjs.ts';
import type { TfjsHost } from '../../src/runtime/tfjs-host.ts';
import { buildTfjsModel } from '../../src/targets/tfjs/build-tfjs-model.ts';
import { relativeDifference } from '../../test/passes/compare-runs.ts';
import { testDataFiles } from '../../test/zoo.ts';
import { zooModelFile, zooTestData } from '../zoo/zoo-folder.ts';

/** What became of a model of the zoo in TensorFlow.js. */
export interface TfjsFormRow {
  readonly model: string;
  readonly verdict: 'agrees' | 'refused' | 'differs' | 'fails';
  /** Codes of a refusal, or what is wrong. */
  readonly reasons: readonly string[];
  /** Largest difference from the recorded outputs, relative to the largest value; null where it did not run. */
  readonly difference: number | null;
}

/** Largest difference, relative to the largest output, of a model that only computes in another order. */
const TOLERANCE = 1e-4;

/**
 * Converts a model for the shapes of its recorded data and runs it in the wasm backend; undefined for one that works on
 * trees, tables or text by operators of `ai.onnx.ml`, which no runtime of tensors has.
 */
export async function tryTfjsForm(name: string, host: TfjsHost): Promise<TfjsFormRow | undefined> {
  const model = await openModelFile(zooModelFile(name));
  if ([...model.graph.nodes()].some(({ domain }) => domain === 'ai.onnx.ml')) return undefined;
  const set = `${zooTestData(name)}/test_data_set_0`;
  const feed = recorded(set, 'input', inputsOf(model));
  const expected = recorded(
    set,
    'output',
    model.graph.outputs.map(({ name: port }) => port),
  );
  const shapes = new Map([...feed].map(([port, tensor]) => [port, tensor.dims]));
  const built = buildTfjsModel(model, { binding: { shapes } });
  if (built.kind === 'refused') {
    const reasons = [...new Set(built.refused.map(({ code }) => code))];
    return { model: name, verdict: 'refused', reasons, difference: null };
  }
  try {
    const session = await openTfjsSession(built.files, { host, backend: 'wasm' });
    const found = await session.run(feed);
    const { backend } = session;
    await session.close();
    if (backend !== 'wasm') return { model: name, verdict: 'fails', reasons: ['no kernel in wasm'], difference: null };
    const all = [...expected].map(([port, tensor]) => relativeDifference(tensor, found.get(port) as Tensor));
    const difference = Math.max(0, ...all);
    return { model: name, verdict: difference < TOLERANCE ? 'agrees' : 'differs', reasons: [], difference };
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    return { model: name, verdict: 'fails', reasons: [error.message], difference: null };
  }
}

function inputsOf({ graph }: Model): readonly string[] {
  return graph.inputs.filter((value) => value.initial === undefined).map(({ name }) => name);
}

function recorded(set: string, kind: 'input' | 'output', ports: readonly string[]): ReadonlyMap<string, Tensor> {
  const tensors = testDataFiles(set, kind).map((bytes) => decodeTensor(bytes, set));
  return new Map(ports.map((port, k) => [port, tensors.find(({ name }) => name === port) ?? tensors[k]!]));
}
