import { basename, join } from 'node:path';
import type { Feed } from '../../../data/dataset.ts';
import type { BrowserChoice } from '../../../report/browser-choice-schema.ts';
import { MANIFEST_VERSION, type Manifest, manifestSchema } from '../../../report/manifest-schema.ts';
import type { Report, Variant } from '../../../report/report-schema.ts';
import { LITERT_VERSION } from '../../../runtime/litert.ts';
import { ORT_WEB_VERSION } from '../../../runtime/onnxruntime-web.ts';
import type { Session } from '../../../runtime/session.ts';
import { TFJS_VERSION } from '../../../runtime/tfjs.ts';
import type { BrowserManifest } from '../../../targets/browser/browser-manifest.ts';
import { emitBrowser } from '../../../targets/browser/emit-browser.ts';
import type { BrowserRuntime } from '../../../targets/browser/runtime-files.ts';
import { describePort } from '../../describe-source.ts';
import { runtimeVersions } from '../../environment.ts';
import type { ResolvedOptions } from '../../optimize-options.ts';

/** What the manifest of a browser artifact tells of where it comes from. */
export interface BrowserManifestRequest {
  readonly source: { readonly path: string; readonly session: Session };
  readonly name: string;
  readonly inputRanges: Manifest['inputRanges'];
  readonly resolved: Pick<ResolvedOptions, 'modelVersion'>;
  /** What manifests and reports have in common. */
  readonly manifest: Pick<Report, 'tool' | 'source' | 'options' | 'seed' | 'pipeline' | 'datasets'>;
}

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

/** The model and its ports, as the manifest lists them. */
export function manifestPorts({
  name,
  resolved,
  source,
}: BrowserManifestRequest): Pick<Manifest, 'model' | 'inputs' | 'outputs'> {
  return {
    model: { name, version: resolved.modelVersion },
    inputs: source.session.inputs.map(describePort),
    outputs: source.session.outputs.map(describePort),
  };
}

/** Versions of the runtimes that an artifact can carry. */
const VERSIONS: Readonly<Record<BrowserRuntime, string>> = {
  'onnxruntime-web': ORT_WEB_VERSION,
  litert: LITERT_VERSION,
  tfjs: TFJS_VERSION,
};

/** The finished artifact's manifest; the emitter fills in its files. */
export function browserManifest(
  request: BrowserManifestRequest,
  feed: Feed,
  browser: BrowserChoice,
  results: readonly Variant[],
): Manifest & BrowserManifest {
  const { manifest: shared } = request;
  const manifest = {
    manifestVersion: MANIFEST_VERSION,
    tool: shared.tool,
    target: 'browser',
    ...manifestPorts(request),
    entry: browser.candidates[0]!.file,
    files: [],
    source: { file: basename(shared.source.file), sha256: shared.source.sha256 },
    datasets: shared.datasets,
    inputRanges: request.inputRanges,
    exampleShapes: Object.fromEntries([...feed].map(([input, tensor]) => [input, [...tensor.dims]])),
    pipeline: shared.pipeline,
    options: shared.options,
    seed: shared.seed,
    runtimes: { ...runtimeVersions(), ...carriedVersions(browser) },
    results: [...results],
    browser,
  };
  return { ...manifestSchema.parse(manifest), browser };
}

function carriedVersions({ candidates }: BrowserChoice): Record<string, string> {
  return Object.fromEntries(candidates.map(({ runtime }) => [runtime, VERSIONS[runtime]]));
}
