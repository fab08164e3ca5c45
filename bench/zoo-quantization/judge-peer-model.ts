import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { accuracyOf } from '../../src/compile/accuracy-of.ts';
import { modelFilesAt } from '../../src/compile/model-files.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Node } from '../../src/ir/node.ts';
import { graphsWithin } from '../../src/ir/walk.ts';
import { measureInt8Coverage } from '../../src/measure/int8-coverage.ts';
import { measureSize } from '../../src/measure/measure-size.ts';
import type { Variant } from '../../src/report/report-schema.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { Session } from '../../src/runtime/session.ts';
import { evaluate } from '../../src/validate/evaluate.ts';
import { openTypedModel } from '../zoo/model-kind.ts';
import type { QuantizationRow } from './quantization-row.ts';
import { targetResult } from './target-result.ts';

/** The peer's model measured as our own are, or why it cannot be used. */
export type PeerJudgement =
  | ({ readonly kind: 'done' } & Omit<QuantizationRow['targets'][number], 'name' | 'target' | 'precision'>)
  | { readonly kind: 'failed'; readonly failure: string };

/** Runs the peer's model over the validation samples beside the source, and proves what of it runs in integers. */
export async function judgePeerModel(
  path: string,
  source: Session,
  sourceSize: NonNullable<Variant['size']>,
  validation: Dataset,
): Promise<PeerJudgement> {
  try {
    const session = await openOrtSession(path);
    try {
      const contender = { name: 'peer', session };
      const { candidates } = await evaluate({ name: 'source', session: source }, [contender], validation);
      const size = await measureSize((await modelFilesAt(path)).parts.map((part) => readFileSync(part)));
      const variant = {
        name: 'peer',
        target: 'server' as const,
        file: path,
        runtime: session.runtime,
        precision: 'int8 (u8s8)',
        size,
        latency: null,
        memory: null,
        accuracy: accuracyOf(candidates[0]!),
        coverage: await coverageOf(path),
      };
      const { name: _, target: __, precision: ___, ...result } = targetResult(variant, sourceSize);
      return { kind: 'done', ...result };
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    return { kind: 'failed', failure: `its model does not run: ${error.message}` };
  }
}

/** Coverage is told by the names of nodes, which not every tool gives: it is counted on a copy that has them all. */
async function coverageOf(path: string): ReturnType<typeof measureInt8Coverage> {
  const model = await openTypedModel(path);
  let unnamed = 0;
  for (const { graph, node } of unnamedNodes(model)) graph.rename(node, `unnamed layer ${unnamed++}`);
  const named = join(dirname(path), 'named.onnx');
  await saveModelFile(model, named);
  return await measureInt8Coverage(named, model);
}

function* unnamedNodes(model: Model): Generator<{ readonly graph: Graph; readonly node: Node }> {
  for (const graph of graphsWithin(model.graph)) {
    for (const node of graph.nodes()) if (node.name === '') yield { graph, node };
  }
}
