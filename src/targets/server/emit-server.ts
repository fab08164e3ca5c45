import { fail } from '../../diagnostics/modelpress-error.ts';
import { type ArtifactFile, programFiles, type WrittenFile, writeArtifact } from '../artifact-files.ts';
import { projectFiles } from './project-files.ts';
import type { ServerManifest } from './server-manifest.ts';
import { serverReadme } from './server-readme.ts';

export type { ArtifactFile };

/** What a server artifact is made of. */
export interface ServerArtifact {
  /** An existing folder to write into. */
  readonly directory: string;
  /** model.onnx, and where there are any model.ort and files of external data. */
  readonly files: readonly ArtifactFile[];
  /** The manifest without its `files`, which are filled in from what is written. */
  readonly manifest: ServerManifest;
}

/** Where the serving program lies, in the sources as in the build. */
const PROGRAM = new URL('./program/', import.meta.url);

/** A model name that can stand in a URL as it is. */
const MODEL_NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;

/**
 * Writes the server artifact: the model's files, the serving program, package.json with the versions that it was tested
 * with, container files, README.md and manifest.json.
 *
 * @returns what was written, by path, without manifest.json.
 * @throws ModelpressError `server-model-missing` without a model.onnx or model.ort, `server-model-name` or
 * `server-model-version` for one that the URLs of the server cannot name.
 */
export async function emitServer({ directory, files, manifest }: ServerArtifact): Promise<readonly WrittenFile[]> {
  checkArtifact(files, manifest);
  const written = [...files, ...(await programFiles(PROGRAM, '.mjs')), ...textFiles(manifest)];
  return writeArtifact(directory, written, manifest);
}

function checkArtifact(files: readonly ArtifactFile[], { model }: ServerManifest): void {
  if (!files.some(({ path }) => path === 'model.onnx' || path === 'model.ort')) {
    fail({
      code: 'server-model-missing',
      message: `the server artifact of '${model.name}' has neither model.onnx nor model.ort among its ${files.length} files`,
      hint: 'Give the model under one of these names.',
    });
  }
  if (!MODEL_NAME.test(model.name)) {
    fail({
      code: 'server-model-name',
      at: model.name,
      message: `the model's name '${model.name}' cannot stand in a URL`,
      hint: 'Use up to 100 letters, digits, dots, dashes and underscores, a letter or digit first.',
    });
  }
  if (!Number.isSafeInteger(model.version) || model.version < 1) {
    fail({
      code: 'server-model-version',
      at: model.name,
      message: `the model's version is ${model.version}, expected a whole number from 1`,
      hint: 'Number the versions of a model 1, 2, 3.',
    });
  }
}

function textFiles(manifest: ServerManifest): ArtifactFile[] {
  const texts = [...projectFiles(manifest), { path: 'README.md', text: serverReadme(manifest) }];
  return texts.map(({ path, text }) => ({ path, bytes: Buffer.from(text) }));
}
