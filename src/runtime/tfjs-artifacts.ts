import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TfjsArtifacts } from './tfjs-host.ts';

/** The part of a model.json that is read here. */
interface GraphModelJson {
  readonly format: string;
  readonly modelTopology: object;
  readonly signature: object;
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly object[] }[];
}

/**
 * A graph model from its files: a path to its JSON file, with the weights beside it, or all of them by name, the JSON
 * file first.
 *
 * @throws Error that says what is wrong with them.
 */
export function readTfjsArtifacts(model: string | ReadonlyMap<string, Uint8Array>): TfjsArtifacts {
  const [first] = typeof model === 'string' ? [model] : model.keys();
  if (first === undefined) throw new Error('there are no files');
  const read = (name: string): Uint8Array => {
    if (typeof model === 'string') return readFileSync(name === first ? first : join(dirname(first), name));
    const bytes = model.get(name);
    if (bytes === undefined) throw new Error(`the file ${name} is missing`);
    return bytes;
  };
  const json = JSON.parse(Buffer.from(read(first)).toString('utf8')) as Partial<GraphModelJson>;
  const { format, modelTopology, signature, weightsManifest } = json;
  if (format !== 'graph-model' || modelTopology === undefined || signature === undefined) {
    throw new Error('it is no graph model with a signature');
  }
  const groups = weightsManifest ?? [];
  const shards = groups.flatMap(({ paths }) => paths.map(read));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  return { format, modelTopology, signature, weightSpecs: groups.flatMap(({ weights }) => weights), weightData };
}
