import { join } from 'node:path';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import { nodesWithin } from '../../src/ir/walk.ts';
import { schemaVersions } from '../../src/ops/schema/schema-of.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';

/**
 * How often each operator of its own ONNX Runtime puts into a model with its extended optimizations (`FusedConv`,
 * `FusedMatMul`, `SkipLayerNormalization`, ...). A graph pass that lowers one of these has taken a fusion away. Where
 * the standard has an operator of the same name (`Gelu`), which of the two it is makes no difference: both count.
 *
 * @param path of a model.
 * @param work a folder for the optimized model.
 */
export async function fusedOperators(path: string, work: string): Promise<ReadonlyMap<string, number>> {
  // In one file, because what the runtime writes refers to data beside the model that it read.
  const source = join(work, 'in-one-file.onnx');
  await saveModelFile(await openModelFile(path), source);
  const optimized = join(work, 'runtime-optimized.onnx');
  const session = await openOrtSession(source, { optimization: 'extended', optimizedModelPath: optimized });
  await session.close();
  const counts = new Map<string, number>();
  for (const { domain, op } of nodesWithin((await openModelFile(optimized)).graph)) {
    if (domain === 'com.microsoft' || hasTwin(domain, op)) counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  return counts;
}

/** Whether an operator of ai.onnx is one that the runtime would otherwise make as its own. */
function hasTwin(domain: string, op: string): boolean {
  return domain === '' && schemaVersions('com.microsoft', op).length > 0;
}
