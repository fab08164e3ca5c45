import { type ArtifactFile, type WrittenFile, writeArtifact } from '../artifact-files.ts';
import { cArray } from './c-array.ts';
import { deviceReadme } from './device-readme.ts';

/** What a device artifact is made of. */
export interface DeviceArtifact {
  /** An existing folder to write into. */
  readonly directory: string;
  readonly bytes: Uint8Array;
  /** Operators of TensorFlow Lite that the model uses, with how often. */
  readonly operators: Readonly<Record<string, number>>;
  /** The manifest without its `files`. */
  readonly manifest: { readonly model: { readonly name: string } } & Readonly<Record<string, unknown>>;
}

/** Above this many bytes no C array is written: no microcontroller holds the model, and the text is six times its size. */
export const C_ARRAY_LIMIT = 4 * 1024 * 1024;

/** Writes `device/`: model.tflite, the same as C source for microcontrollers, README.md and manifest.json. */
export async function emitDevice({
  directory,
  bytes,
  operators,
  manifest,
}: DeviceArtifact): Promise<readonly WrittenFile[]> {
  const text = (path: string, content: string): ArtifactFile => ({ path, bytes: Buffer.from(content) });
  const files: ArtifactFile[] = [{ path: 'model.tflite', bytes }];
  const small = bytes.byteLength <= C_ARRAY_LIMIT;
  if (small) {
    const { header, source } = cArray(bytes);
    files.push(text('model_data.h', header), text('model_data.cc', source));
  }
  files.push(text('README.md', deviceReadme(manifest.model.name, operators, small)));
  return await writeArtifact(directory, files, manifest);
}
