import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Feed } from '../data/dataset.ts';
import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import { ModelpressError } from '../diagnostics/modelpress-error.ts';
import { saveModelFile } from '../files/save-model-file.ts';
import { openOrtWebSession } from '../runtime/onnxruntime-web.ts';
import type { OutputValue, Session } from '../runtime/session.ts';
import type { BrowserCandidateModel } from './browser-candidates.ts';

/** A form of the model that lies in the artifact's folder and runs in onnxruntime-web. */
export interface OpenedCandidate extends Omit<BrowserCandidateModel, 'model'> {
  /** `file` and its external data, relative to the folder. */
  readonly files: readonly string[];
  readonly session: Session;
  /** What it answers to each feed. */
  readonly expected: readonly ReadonlyMap<string, OutputValue>[];
}

/**
 * Saves candidates into a folder and opens each in onnxruntime-web. One that does not load or run there is removed and
 * told of with the runtime's reason: an operator or opset that the wasm build lacks, or a model beyond its memory.
 */
export async function openBrowserCandidates(
  folder: string,
  candidates: readonly BrowserCandidateModel[],
  feeds: readonly Feed[],
  { keepNames }: { readonly keepNames: boolean },
): Promise<{ readonly opened: readonly OpenedCandidate[]; readonly diagnostics: readonly Diagnostic[] }> {
  const opened: OpenedCandidate[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { model, ...own } of candidates) {
    const paths = await saveModelFile(model, join(folder, own.file), { debugInfo: keepNames });
    const files = paths.map((path) => basename(path));
    let session: Session | undefined;
    try {
      session = await openInWeb(folder, own.file, files, own.config);
      const expected: ReadonlyMap<string, OutputValue>[] = [];
      for (const feed of feeds) expected.push(await session.run(feed));
      opened.push({ ...own, files, session, expected });
    } catch (error) {
      if (!(error instanceof ModelpressError)) throw error;
      await session?.close();
      for (const path of paths) await rm(path);
      diagnostics.push(candidateRefused(own, error.message));
    }
  }
  return { opened, diagnostics };
}

/** Why a form of the model is not among those that the artifact offers. */
export function candidateRefused({ precision }: { readonly precision: string }, reason: string): Diagnostic {
  return warning({
    code: 'browser-candidate-refused',
    at: precision,
    message: `the ${precision} form of the model is left out of the browser artifact: ${reason}`,
    hint: 'The other forms are offered; see browser/manifest.json.',
  });
}

async function openInWeb(
  folder: string,
  file: string,
  files: readonly string[],
  config: Readonly<Record<string, string>>,
): Promise<Session> {
  if (files.length === 1) return openOrtWebSession(join(folder, file), { config });
  const beside = files.filter((path) => path !== file);
  const external = await Promise.all(beside.map(async (path) => ({ path, data: await readFile(join(folder, path)) })));
  return openOrtWebSession(await readFile(join(folder, file)), { config }, external);
}
