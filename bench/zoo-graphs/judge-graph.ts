import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openModelFile } from '../../src/files/open-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import type { OutputValue } from '../../src/runtime/session.ts';
import { differences, runOnce } from '../../test/passes/compare-runs.ts';
import { differenceOfInterfaces, interfaceOf } from '../model-interface.ts';
import { nodeCount } from '../node-count.ts';
import type { SimplifiedGraph } from './graph-row.ts';

/** Largest difference of float outputs relative to the largest magnitude, the runtime's own optimizer off on both sides. */
export const TOLERANCE = 1e-4;

/** What results are held against. */
export interface GraphReference {
  readonly path: string;
  readonly feed: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, OutputValue>;
}

/** Runs a model on a folder with `input_<i>.pb`. */
export async function graphReference(path: string, testData: string): Promise<GraphReference> {
  const feed = new Map(
    readdirSync(testData)
      .filter((file) => file.startsWith('input_'))
      .map((file) => decodeTensor(readFileSync(join(testData, file))))
      .map((tensor) => [tensor.name!, tensor]),
  );
  return { path, feed, outputs: await runOnce(path, feed) };
}

/** Counts what a tool has written and holds it against the source: interface and outputs. */
export async function judgeGraph(reference: GraphReference, result: string, seconds: number): Promise<SimplifiedGraph> {
  const bytes = statSync(result).size;
  let model: Model;
  try {
    model = await openModelFile(result);
  } catch (error) {
    return { bytes, seconds, fault: messageOf(error) };
  }
  const source = await openModelFile(reference.path);
  const fault =
    differenceOfInterfaces(interfaceOf(source), interfaceOf(model)) ?? (await differenceOfRuns(reference, result));
  return { nodes: nodeCount(model), bytes, seconds, fault: fault ?? null };
}

async function differenceOfRuns({ feed, outputs }: GraphReference, result: string): Promise<string | undefined> {
  try {
    const found = differences(outputs, await runOnce(result, feed), 'reassociates', TOLERANCE);
    return found.length === 0 ? undefined : found.join('; ');
  } catch (error) {
    return `does not run: ${messageOf(error)}`;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
