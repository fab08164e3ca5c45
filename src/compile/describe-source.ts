import { statSync } from 'node:fs';
import type { Model } from '../ir/model.ts';
import { nodesWithin } from '../ir/walk.ts';
import { costOf } from '../ops/cost/cost-of.ts';
import type { Report } from '../report/report-schema.ts';
import type { Port, Session } from '../runtime/session.ts';
import { filesOf, sha256Of } from './model-identity.ts';

/** What a report says about the model that was given. `typed` is the model with shapes inferred, for counting. */
export function describeSource(
  name: string,
  path: string,
  source: Model,
  typed: Model,
  session: Session,
): Report['source'] {
  const cost = costOf(typed);
  return {
    name,
    file: path,
    sha256: sha256Of(path),
    bytes: filesOf(source, path).reduce((sum, file) => sum + statSync(file).size, 0),
    irVersion: source.irVersion,
    opset: Object.fromEntries(
      [...source.opsetImports].map(([domain, version]) => [domain === '' ? 'ai.onnx' : domain, version]),
    ),
    producer: [source.producerName, source.producerVersion].filter((part) => part !== '').join(' '),
    nodes: [...nodesWithin(source.graph)].length,
    parameters: costOf(source).parameters,
    macs: cost.macs === 0 ? null : cost.macs,
    inputs: session.inputs.map(describePort),
    outputs: session.outputs.map(describePort),
  };
}

/** A port as reports and manifests hold it. */
export function describePort({ name, dtype, dims }: Port): Report['source']['inputs'][number] {
  return { name, type: dtype, shape: dims.map((dim) => dim ?? null) };
}
