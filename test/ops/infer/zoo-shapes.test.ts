import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { elementCount, tensorFromNumbers } from '../../../src/ir/tensor.ts';
import { shapeOf } from '../../../src/ir/value-type.ts';
import { evaluateDim } from '../../../src/ops/dims/evaluate-dim.ts';
import { inferGraph } from '../../../src/ops/infer/infer-graph.ts';
import { HAS_ZOO, testDataFiles, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../../zoo.ts';
import { bindSymbols, disagreement, feedOf, observe } from './observe.ts';

/** Models with dynamic dimensions that take any size and little time. */
const SMALL_DYNAMIC = [
  'byte-lstm-sbd',
  'captcha-crnn',
  'fsdd-conv-bigru',
  'magika-v3_3',
  'melspectrogram-oww',
  'mnist-keras-tf2onnx',
  'mtcnn-pnet',
  'nnsplit-en',
  'plcmos-v1',
  'ppocr-cls',
  'ppocr-en-rec',
  'sst2-transformer-dynamo-external',
  'stories260k-kvcache',
  'stories260k-torchscript',
];

describe.skipIf(!HAS_ZOO)(`types inferred for zoo models against what ONNX Runtime computes${ZOO_NOTE}`, () => {
  it.each(zooModels())('%s', async (name) => {
    const model = await openModelFile(zooModel(name));
    const facts = inferGraph(model.graph, model);
    const feed = feedOf(model.graph, testDataFiles(zooTestData(name)[0]!, 'input'));
    const sizes = bindSymbols(model.graph, facts, feed);
    const problems: string[] = [];
    const actual = await observe(model, facts, feed);
    expect(actual.size).toBeGreaterThan(0);
    for (const [value, tensor] of actual) {
      const problem = disagreement(facts.types.get(value), tensor, sizes);
      if (problem !== undefined) problems.push(`${value.producer?.op} '${value.name}' ${problem}`);
    }
    expect(problems).toEqual([]);
  });

  it('agree at other sizes of the dynamic dimensions too', async () => {
    let [ran, sizesTried] = [0, 0];
    const problems: string[] = [];
    for (const name of SMALL_DYNAMIC) {
      for (const [factor, offset] of [
        [1, 2],
        [2, 0],
      ] as const) {
        const model = await openModelFile(zooModel(name));
        const facts = inferGraph(model.graph, model);
        const feed = feedOf(model.graph, testDataFiles(zooTestData(name)[0]!, 'input'));
        const sizes = new Map(
          [...bindSymbols(model.graph, facts, feed)].map(([symbol, size]) => [symbol, size * factor + offset]),
        );
        sizesTried++;
        // Zeros are indices that every table has.
        for (const input of model.graph.inputs) {
          const dims = shapeOf(facts.types.get(input))?.map((dim) => evaluateDim(dim, sizes)!);
          const { dtype } = feed.get(input.name)!;
          feed.set(input.name, tensorFromNumbers(dtype, dims!, new Array<number>(elementCount(dims!)).fill(0)));
        }
        for (const [value, tensor] of await observe(model, facts, feed)) {
          ran++;
          const problem = disagreement(facts.types.get(value), tensor, sizes);
          if (problem !== undefined) problems.push(`${name}: ${value.producer?.op} '${value.name}' ${problem}`);
        }
      }
    }
    expect(problems).toEqual([]);
    expect(sizesTried).toBe(2 * SMALL_DYNAMIC.length);
    expect(ran).toBeGreaterThan(5000);
  });
});
