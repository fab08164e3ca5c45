import { afterAll, describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import type { Model } from '../../../src/ir/model.ts';
import type { Tensor } from '../../../src/ir/tensor.ts';
import { decodeTensor } from '../../../src/onnx/tensor-file.ts';
import { openLiteRtSession } from '../../../src/runtime/litert.ts';
import { LiteRtHost } from '../../../src/runtime/litert-host.ts';
import { lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import { integerShare } from '../../../src/targets/device/quantize/integer-share.ts';
import { quantizeTflite } from '../../../src/targets/device/quantize/quantize-tflite.ts';
import { writeTflite } from '../../../src/targets/device/tflite/write-tflite.ts';
import { relativeDifference } from '../../passes/compare-runs.ts';
import { HAS_ZOO, testDataFiles, ZOO_NOTE, zooModel, zooTestData } from '../../zoo.ts';

/** Moves that are left in each net, those of its input and output in the model's own order included. */
const MODELS: readonly (readonly [name: string, moves: number])[] = [
  ['mnist-cntk', 1],
  ['mnist-pytorch-opset9', 1],
  ['mnist-burn-bn', 1],
  ['mnist-dynamo-external', 0],
  ['mnist-keras-tf2onnx', 0],
  ['mnist-selfattention', 0],
  ['cifar-winml-tutorial', 2],
  ['mlperf-ic-resnet8', 0],
  ['mlperf-kws-dscnn', 0],
  ['mlperf-vww-mobilenetv1', 0],
  ['mobilenetv1-025-224', 0],
  ['mobilenetv2-100-224', 0],
  ['hand-keypoint-mlp', 0],
  ['adult-mlp', 0],
  ['sevenseg-mobilenetv2', 0],
  ['fastestdet', 2],
  ['ultraface-rfb-320', 1],
  ['dtln-model2', 0],
  ['mlperf-ic-resnet8-qdq', 0],
  ['mlperf-kws-dscnn-qdq', 0],
  ['mnist-dynquant', 1],
  ['plcmos-v1', 3],
  ['silero-vad', 0],
  ['stories260k-kvcache', 0],
];

describe.skipIf(!HAS_ZOO)(`models of the zoo on the device${ZOO_NOTE}`, () => {
  const host = new LiteRtHost();
  afterAll(() => host.close());

  it.each(MODELS)('%s equals ONNX Runtime in float32', async (name, moves) => {
    const model = await openModelFile(zooModel(name));
    const { feed, expected } = readSet(model, zooTestData(name)[0]!);
    const shapes = new Map([...feed].map(([port, tensor]) => [port, tensor.dims]));
    const lowering = lowerToTflite(model, { binding: { shapes } });
    expect(lowering.report.refused).toEqual([]);
    if (lowering.kind === 'refused') return;
    expect(lowering.report.transposes.length).toBeLessThanOrEqual(moves);
    const session = await openLiteRtSession(lowering.bytes, { host });
    const found = await session.run(feed);
    await session.close();
    for (const [port, tensor] of expected) {
      expect(relativeDifference(tensor, found.get(port) as Tensor), port).toBeLessThan(1e-4);
    }
  });

  it.each(['mnist-cntk', 'mlperf-ic-resnet8', 'mlperf-kws-dscnn', 'mobilenetv2-100-224', 'hand-keypoint-mlp'])(
    '%s comes to 25 dB of float32 in full int8',
    async (name) => {
      const model = await openModelFile(zooModel(name));
      const samples = zooTestData(name).map((folder) => readSet(model, folder).feed);
      const shapes = new Map([...samples[0]!].map(([port, tensor]) => [port, tensor.dims]));
      const lowering = lowerToTflite(model, { binding: { shapes } });
      if (lowering.kind === 'refused') throw new Error('refused');
      const matching = samples.filter((feed) =>
        [...feed].every(([port, x]) => x.dims.join() === shapes.get(port)?.join()),
      );
      const { bytes, sqnrDb, level } = await quantizeTflite(lowering.graph, { mode: 'int8', samples: matching, host });
      expect(level).toBe('all-operators');
      expect(sqnrDb).toBeGreaterThan(name === 'mlperf-ic-resnet8' ? 20 : 25);
      const float = writeTflite(lowering.graph, { description: '' });
      expect(bytes.length).toBeLessThan(0.65 * float.length);
    },
  );

  it('captcha-crnn adds zeros to small numbers in 16 bits', async () => {
    const model = await openModelFile(zooModel('captcha-crnn'));
    const { feed } = readSet(model, zooTestData('captcha-crnn')[0]!);
    const shapes = new Map([...feed].map(([port, { dims }]) => [port, dims]));
    const lowering = lowerToTflite(model, { binding: { shapes } });
    if (lowering.kind === 'refused') throw new Error('refused');
    const file = await quantizeTflite(lowering.graph, { mode: 'int16x8', samples: [feed], host });
    expect(file).toMatchObject({ precision: 'int16x8', level: 'all-operators' });
    expect(file.sqnrDb).toBeGreaterThan(30);
  });

  it('mobilenetv1-025-224 keeps few operators in float to come to 20 dB', async () => {
    const model = await openModelFile(zooModel('mobilenetv1-025-224'));
    const samples = zooTestData('mobilenetv1-025-224').map((folder) => readSet(model, folder).feed);
    const lowering = lowerToTflite(model);
    if (lowering.kind === 'refused') throw new Error('refused');
    const file = await quantizeTflite(lowering.graph, { mode: 'int8', samples, host });
    expect(file.sqnrDb).toBeGreaterThan(20);
    const { integerMacs, macs } = integerShare(file.graph);
    expect(integerMacs / macs).toBeGreaterThan(0.75);
  });
});

/** The inputs and expected outputs of a test data set, by the names of the model. */
function readSet(
  model: Model,
  folder: string,
): { readonly feed: ReadonlyMap<string, Tensor>; readonly expected: ReadonlyMap<string, Tensor> } {
  const inputs = testDataFiles(folder, 'input').map((bytes) => decodeTensor(bytes, folder));
  const outputs = testDataFiles(folder, 'output').map((bytes) => decodeTensor(bytes, folder));
  const free = model.graph.inputs.filter((value) => value.initial === undefined);
  return {
    feed: new Map(free.map(({ name }, k) => [name, inputs.find((tensor) => tensor.name === name) ?? inputs[k]!])),
    expected: new Map(
      model.graph.outputs.map(({ name }, k) => [name, outputs.find((tensor) => tensor.name === name) ?? outputs[k]!]),
    ),
  };
}
