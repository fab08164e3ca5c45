import { statSync } from 'node:fs';
import type { Model } from '../ir/model.ts';
import { elementCount } from '../ir/tensor.ts';
import { graphsOf, nodesWithin } from '../ir/walk.ts';
import { layerMacs } from '../measure/layer-macs.ts';
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
  let parameters = 0;
  for (const graph of graphsOf(source)) {
    for (const value of graph.constants()) {
      const tensor = value.constant ?? value.initial;
      if (tensor !== undefined) parameters += elementCount(tensor.dims);
    }
  }
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
    parameters,
    macs: macsOf(typed),
    inputs: session.inputs.map(describePort),
    outputs: session.outputs.map(describePort),
  };
}

/** A port as reports and manifests hold it. */
export function describePort({ name, dtype, dims }: Port): Report['source']['inputs'][number] {
  return { name, type: dtype, shape: dims.map((dim) => dim ?? null) };
}

function macsOf(model: Model): number | null {
  let total = 0;
  for (const node of nodesWithin(model.graph)) total += layerMacs(node) ?? 0;
  return total === 0 ? null : total;
}
