import { basename } from 'node:path';
import type { Feed } from '../../data/dataset.ts';
import { MANIFEST_VERSION, type Manifest } from '../../report/manifest-schema.ts';
import type { Report } from '../../report/report-schema.ts';
import type { Session } from '../../runtime/session.ts';
import { describePort } from '../describe-source.ts';
import type { ResolvedOptions } from '../optimize-options.ts';

/** What the manifest of an artifact tells of where it comes from. */
export interface ManifestRequest {
  readonly source: { readonly path: string; readonly session: Session };
  readonly name: string;
  readonly inputRanges: Manifest['inputRanges'];
  readonly resolved: Pick<ResolvedOptions, 'modelVersion'>;
  /** What manifests and reports have in common. */
  readonly manifest: Pick<Report, 'tool' | 'source' | 'options' | 'seed' | 'pipeline' | 'datasets'>;
}

/** The model and its ports, as the manifest lists them. */
export function manifestPorts({
  name,
  resolved,
  source,
}: ManifestRequest): Pick<Manifest, 'model' | 'inputs' | 'outputs'> {
  return {
    model: { name, version: resolved.modelVersion },
    inputs: source.session.inputs.map(describePort),
    outputs: source.session.outputs.map(describePort),
  };
}

/**
 * What the manifests of all targets tell alike; the emitter fills in the files.
 *
 * @param feed a sample, whose shapes are given as an example; none for an artifact of fixed shapes.
 */
export function artifactManifest<Target extends Manifest['target']>(
  request: ManifestRequest,
  target: Target,
  feed: Feed = new Map(),
): Omit<Manifest, 'target' | 'entry' | 'runtimes' | 'results'> & { readonly target: Target } {
  const { tool, source, datasets, pipeline, options, seed } = request.manifest;
  return {
    manifestVersion: MANIFEST_VERSION,
    tool,
    target,
    ...manifestPorts(request),
    files: [],
    source: { file: basename(source.file), sha256: source.sha256 },
    datasets,
    inputRanges: request.inputRanges,
    exampleShapes: Object.fromEntries([...feed].map(([input, tensor]) => [input, [...tensor.dims]])),
    pipeline,
    options,
    seed,
  };
}
