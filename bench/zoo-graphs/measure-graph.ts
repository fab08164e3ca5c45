import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PASSES } from '../../passes/index.ts';
import { joinChunks } from '../../src/bytes/byte-source.ts';
import { CLEAN, SLIM } from '../../src/compile/presets.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import type { Model } from '../../src/ir/model.ts';
import { nodesWithin } from '../../src/ir/walk.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { differences, runOnce } from '../../test/passes/compare-runs.ts';
import { fusedOperators } from './fused-operators.ts';

/** What cleaning does to a model. */
export interface GraphRow {
  readonly name: string;
  /** Nodes of all graphs and functions, without Constant. */
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  /** Of the model's files, external data included; afterwards as they are shipped. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** Time of the passes. */
  readonly milliseconds: number;
  /** Operators of its own that ONNX Runtime makes of the source and no longer makes of the result. */
  readonly fusionsLost: readonly string[];
  /** In what way the outputs on the first test data differ from the source's by more than `TOLERANCE`. */
  readonly differences: readonly string[];
  /** Whether optimizing the result again gives the same bytes. */
  readonly settled: boolean;
  /** Whether optimizing the source again gives the same bytes. */
  readonly repeatable: boolean;
}

/** Largest difference of float outputs relative to the largest magnitude, the runtime's own optimizer off on both sides. */
const TOLERANCE = 1e-4;

/**
 * Optimizes a model as every model is, without the check that would take a fault back.
 *
 * @param testData a folder with `input_<i>.pb`.
 * @param result where the optimized model is left, as it is shipped; other files may be left beside it.
 */
export async function measureGraph(name: string, path: string, testData: string, result: string): Promise<GraphRow> {
  const source = await openModelFile(path);
  const { model } = cloneModel(source);
  const nodesBefore = nodeCount(source);
  const start = performance.now();
  clean(model);
  const milliseconds = performance.now() - start;
  const bytes = bytesOf(model);
  const nodesAfter = nodeCount(readModel(bytes));
  runPipeline(model, SLIM, { passes: PASSES });
  await saveModelFile(model, result, { debugInfo: false });
  const fusedBefore = await fusedOperators(path, dirname(result));
  const fusedAfter = await fusedOperators(result, dirname(result));

  clean(source);
  const repeatable = Buffer.compare(bytesOf(source), bytes) === 0;
  const again = readModel(bytes);
  clean(again);
  const settled = Buffer.compare(bytesOf(again), bytes) === 0;

  const feed = new Map(
    readdirSync(testData)
      .filter((file) => file.startsWith('input_'))
      .map((file) => decodeTensor(readFileSync(join(testData, file))))
      .map((tensor) => [tensor.name!, tensor]),
  );
  return {
    name,
    nodesBefore,
    nodesAfter,
    bytesBefore: modelFilesSize(path),
    bytesAfter: statSync(result).size,
    milliseconds,
    fusionsLost: [...fusedBefore].flatMap(([op, count]) => {
      const left = fusedAfter.get(op) ?? 0;
      return left < count ? [`${op}: ${count} became ${left}`] : [];
    }),
    differences: differences(await runOnce(path, feed), await runOnce(result, feed), 'reassociates', TOLERANCE),
    settled,
    repeatable,
  };
}

function clean(model: Model): void {
  runPipeline(model, CLEAN, { passes: PASSES, onFailure: 'throw' });
}

function bytesOf(model: Model): Uint8Array {
  return joinChunks(encodeModel(model, { debugInfo: false }).chunks);
}

/** The model with its data files, which lie beside it. */
function modelFilesSize(path: string): number {
  const folder = dirname(path);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.txt'))
    .reduce((sum, entry) => sum + statSync(join(folder, entry.name)).size, 0);
}

function nodeCount(model: Model): number {
  let count = 0;
  for (const graph of [model.graph, ...model.functions.map((definition) => definition.graph)]) {
    for (const node of nodesWithin(graph)) if (node.op !== 'Constant' || node.domain !== '') count++;
  }
  return count;
}
