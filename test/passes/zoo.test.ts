import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { isOp } from '../../src/ir/node.ts';
import { graphsOf } from '../../src/ir/walk.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import { parsePipeline } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { HAS_ZOO, testDataFiles, ZOO_NOTE, zooModel, zooModels, zooTestData } from '../zoo.ts';
import { differences, runOnce } from './compare-runs.ts';

/** Every pass that keeps the interface and gives nothing up. */
const PIPELINE = parsePipeline(
  `infer-shapes,lift-constants,fixpoint(6){eliminate-identity,eliminate-dropout,fold-constants,fold-shape-arithmetic,fold-if,canonicalize-reshape,
  eliminate-no-ops,eliminate-zero-add,fuse-reshapes,fuse-transposes,fuse-casts,fold-batch-normalization,fold-scale-into-weights,
  fuse-conv-add-mul,fuse-pad-conv,fuse-matmul-add-gemm,canonicalize-clip,canonicalize-reduce-mean,canonicalize-hard-swish,
  canonicalize-swish,canonicalize-subtraction,canonicalize-division,dedupe-constants,dedupe-nodes,eliminate-dead-code,infer-shapes}`.replace(
    /\s/g,
    '',
  ),
);

/** Relative to the largest magnitude of an output: float32 sums in another order, through the deepest models. */
const TOLERANCE = 1e-4;

/** Models that have fewer nodes afterwards, and at most this many; constants that are nodes count. */
const NODES_AFTER: Readonly<Record<string, number>> = {
  'silero-vad': 145,
  'mobilenetv2-qdq': 340,
  'ppocr-cls': 160,
  'ppocr-en-rec': 190,
  'ultraface-slim-320': 140,
  'stories260k-kvcache': 350,
  'stories260k-torchscript': 380,
  'yunet-dynamic': 125,
  'captcha-crnn': 80,
  'gtcrn-stream': 380,
  'mlperf-ad-autoencoder': 20,
};

describe.skipIf(!HAS_ZOO)(`all passes on the models of the zoo${ZOO_NOTE}`, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'modelpress-passes-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(zooModels())('%s gives the same outputs with no more nodes', async (name) => {
    const path = zooModel(name);
    const model = await openModelFile(path);
    const before = nodeCount(model);
    runPipeline(model, PIPELINE, { passes: PASSES });
    expect(nodeCount(model)).toBeLessThanOrEqual(NODES_AFTER[name] ?? before);
    const file = join(folder, `${name}.onnx`);
    await saveModelFile(model, file);
    const tensors = testDataFiles(zooTestData(name)[0]!, 'input').map((bytes) => decodeTensor(bytes));
    const feed = new Map(tensors.map((tensor) => [tensor.name!, tensor]));
    expect(differences(await runOnce(path, feed), await runOnce(file, feed), 'reassociates', TOLERANCE)).toEqual([]);
  });
});

function nodeCount(model: Model): number {
  let count = 0;
  for (const graph of graphsOf(model)) for (const node of graph.nodes()) count += isOp(node, 'Constant') ? 0 : 1;
  return count;
}
