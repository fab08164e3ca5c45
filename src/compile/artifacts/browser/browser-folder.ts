import { join } from 'node:path';
import type { Feed } from '../../../data/dataset.ts';
import type { BrowserChoice } from '../../../report/browser-choice-schema.ts';
import { type Manifest, manifestSchema } from '../../../report/manifest-schema.ts';
import type { Variant } from '../../../report/report-schema.ts';
import { LITERT_VERSION } from '../../../runtime/litert.ts';
import { ORT_WEB_VERSION } from '../../../runtime/onnxruntime-web.ts';
import { TFJS_VERSION } from '../../../runtime/tfjs.ts';
import type { BrowserManifest } from '../../../targets/browser/browser-manifest.ts';
import { emitBrowser } from '../../../targets/browser/emit-browser.ts';
import type { BrowserRuntime } from '../../../targets/browser/runtime-files.ts';
import { runtimeVersions } from '../../environment.ts';
import { artifactManifest, type ManifestRequest } from '../artifact-manifest.ts';

/** Writes the artifact around model files that lie in its folder already. */
export async function emitFolder(
  folder: string,
  manifest: BrowserManifest,
  files: readonly string[],
  sample: Feed,
): Promise<void> {
  const copied = files.map((path) => ({ path, copyFrom: join(folder, path) }));
  await emitBrowser({ directory: folder, files: copied, manifest, sample });
}

/** Versions of the runtimes that an artifact can carry. */
const VERSIONS: Readonly<Record<BrowserRuntime, string>> = {
  'onnxruntime-web': ORT_WEB_VERSION,
  litert: LITERT_VERSION,
  tfjs: TFJS_VERSION,
};

/** The finished artifact's manifest; the emitter fills in its files. */
export function browserManifest(
  request: ManifestRequest,
  feed: Feed,
  browser: BrowserChoice,
  results: readonly Variant[],
): Manifest & BrowserManifest {
  const manifest = {
    ...artifactManifest(request, 'browser', feed),
    entry: browser.candidates[0]!.file,
    runtimes: { ...runtimeVersions(), ...carriedVersions(browser) },
    results: [...results],
    browser,
  };
  return { ...manifestSchema.parse(manifest), browser };
}

function carriedVersions({ candidates }: BrowserChoice): Record<string, string> {
  return Object.fromEntries(candidates.map(({ runtime }) => [runtime, VERSIONS[runtime]]));
}
