import type { DeviceNeeds } from '../../report/device-needs-schema.ts';
import { type ArtifactFile, type WrittenFile, writeArtifact } from '../artifact-files.ts';
import { planArena } from './arena-plan.ts';
import { cArray } from './c-array.ts';
import { deviceReadme } from './device-readme.ts';
import { graphsOf, type TfGraph } from './tflite/tf-graph.ts';

/** What a device artifact is made of. */
export interface DeviceArtifact {
  /** An existing folder to write into. */
  readonly directory: string;
  readonly bytes: Uint8Array;
  /** What `bytes` holds. */
  readonly graph: TfGraph;
  /** The manifest without its `files` and `device`. */
  readonly manifest: { readonly model: { readonly name: string } } & Readonly<Record<string, unknown>>;
}

/** Above this many bytes no C array is written: no microcontroller holds the model, and the text is six times its size. */
export const C_ARRAY_LIMIT = 4 * 1024 * 1024;

/** Writes `device/`: model.tflite, the same as C source for microcontrollers, README.md and manifest.json. */
export async function emitDevice({
  directory,
  bytes,
  graph,
  manifest,
}: DeviceArtifact): Promise<readonly WrittenFile[]> {
  const text = (path: string, content: string): ArtifactFile => ({ path, bytes: Buffer.from(content) });
  const files: ArtifactFile[] = [{ path: 'model.tflite', bytes }];
  const small = bytes.byteLength <= C_ARRAY_LIMIT;
  if (small) {
    const { header, source } = cArray(bytes);
    files.push(text('model_data.h', header), text('model_data.cc', source));
  }
  const device: DeviceNeeds = { operators: operatorsOf(graph), arena: planArena(graph) };
  files.push(text('README.md', deviceReadme(manifest.model.name, device, small)));
  return await writeArtifact(directory, files, { ...manifest, device });
}

function operatorsOf(graph: TfGraph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of graphsOf(graph)) for (const { name } of each.operators) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
