import { openModelFile } from '../../../src/files/open-model-file.ts';
import type { Model } from '../../../src/ir/model.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { decodeTensor } from '../../../src/onnx/tensor-file.ts';
import { buildTfjsModel, type TfjsModel } from '../../../src/targets/tfjs/build-tfjs-model.ts';
import { testDataFiles, zooModel, zooModels, zooTestData } from '../../zoo.ts';

/** Nets of the sizes that browsers are given. */
const WANTED =
  /^(mnist-(?!dynquant)|cifar-winml|mlperf-(ic-resnet8|kws-dscnn|vww-mobilenetv1)$|mobilenetv1-025|mobilenetv2-100|hand-keypoint|adult-mlp|sevenseg-mobilenetv2)/;

/** Names of zoo models to try. */
export const NAMED_MODELS: readonly string[] = zooModels().filter((name) => WANTED.test(name));

/** Difference relative to the largest value that float32 computed in another order may have. */
export const TOLERANCE = 1e-4;

/** A zoo model with a sample, what comes of it, and its TensorFlow.js form for the shapes of that sample. */
export interface NamedCase {
  readonly model: Model;
  readonly feed: ReadonlyMap<string, Tensor>;
  readonly expected: ReadonlyMap<string, Tensor>;
  readonly built: TfjsModel & { readonly kind: 'built' };
}

export async function namedCase(name: string): Promise<NamedCase> {
  const model = await openModelFile(zooModel(name));
  const folder = zooTestData(name)[0]!;
  const tensors = (kind: 'input' | 'output'): Tensor[] =>
    testDataFiles(folder, kind).map((bytes) => decodeTensor(bytes, folder));
  const [inputs, outputs] = [tensors('input'), tensors('output')];
  const free = model.graph.inputs.filter((value) => value.initial === undefined);
  const pick = (list: readonly Tensor[], port: string, k: number): Tensor =>
    list.find((tensor) => tensor.name === port) ?? list[k]!;
  const feed = new Map(free.map(({ name: port }, k) => [port, pick(inputs, port, k)]));
  const shapes = new Map([...feed].map(([port, tensor]) => [port, tensor.dims]));
  const built = buildTfjsModel(model, { binding: { shapes } });
  if (built.kind === 'refused') throw new Error(built.refused.map((each) => each.message).join('; '));
  const expected = new Map(model.graph.outputs.map(({ name: port }, k) => [port, pick(outputs, port, k)]));
  return { model, feed, expected, built };
}
