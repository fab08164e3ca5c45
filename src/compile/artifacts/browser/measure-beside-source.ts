import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Feed } from '../../../data/dataset.ts';
import { ModelpressError } from '../../../diagnostics/modelpress-error.ts';
import type { Model } from '../../../ir/model.ts';
import { openOrtWebSession } from '../../../runtime/onnxruntime-web.ts';
import type { Session } from '../../../runtime/session.ts';
import { filesOf } from '../../model-identity.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';
import { type ManifestRequest, manifestPorts } from '../artifact-manifest.ts';
import { emitFolder } from './browser-folder.ts';
import { type BrowserMeasurement, measureInBrowser } from './measure-in-browser.ts';
import type { OpenedCandidate } from './open-candidates.ts';
import { manifestEntry } from './weigh-candidates.ts';

/** What is measured, and beside what. */
export interface MeasureRequest extends ManifestRequest {
  readonly folder: string;
  readonly source: { readonly model: Model; readonly path: string; readonly session: Session };
  readonly resolved: Pick<ResolvedOptions, 'modelVersion' | 'threads' | 'latencyBudget' | 'measure'>;
}

/** The source as it was given, in the folder only while candidates are measured beside it. */
export const SOURCE_FILE = 'model.source.onnx';

/** Measures the candidates and, last, the source as it was given, where it runs in onnxruntime-web from one file and is not slow. */
export async function measureBesideSource(
  request: MeasureRequest,
  opened: readonly OpenedCandidate[],
  feeds: readonly Feed[],
  slow: boolean,
): Promise<BrowserMeasurement> {
  const { folder, source, resolved } = request;
  const given = slow ? undefined : await openSource(source);
  try {
    const subjects = opened.map(({ form, session }) => ({ file: form.file, session }));
    const candidates = opened.map(manifestEntry);
    if (given !== undefined) {
      await copyFile(source.path, join(folder, SOURCE_FILE));
      subjects.push({ file: SOURCE_FILE, session: given });
      candidates.push({
        file: SOURCE_FILE,
        runtime: 'onnxruntime-web',
        precision: 'as given',
        files: [SOURCE_FILE],
        config: {},
        shapes: {},
      });
    }
    const manifest = { ...manifestPorts(request), browser: { candidates, choice: 'They are being measured.' } };
    const files = candidates.flatMap((one) => one.files);
    await emitFolder(folder, manifest, files, feeds[0]!);
    const { threads, latencyBudget: budgetMs, measure } = resolved;
    return await measureInBrowser(folder, subjects, feeds, { threads, budgetMs, measure, slow });
  } finally {
    await given?.close();
  }
}

async function openSource({ model, path }: MeasureRequest['source']): Promise<Session | undefined> {
  if (filesOf(model, path).length > 1) return undefined;
  try {
    return await openOrtWebSession(path);
  } catch (error) {
    if (error instanceof ModelpressError) return undefined;
    throw error;
  }
}
