import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnostic, warning } from '../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Report, Variant } from '../report/report-schema.ts';
import { buildBrowserArtifact } from './browser/browser-artifact.ts';
import { emitDeviceArtifact } from './device-artifact.ts';
import { LARGE_MODEL_REFUSALS } from './large-model.ts';
import type { TargetName } from './optimize-options.ts';
import { type EmittedArtifact, emitServerArtifact, type ServerArtifactRequest } from './server-artifact.ts';
import { type TfliteForms, tfliteForms } from './tflite-forms.ts';
import type { TransformedModel } from './transform-model.ts';

/** What artifacts are made from; each target takes the form of the model that suits it. */
export interface ArtifactsRequest extends Omit<ServerArtifactRequest, 'model' | 'folder'> {
  /** The output folder; each target fills a folder of its name in it. */
  readonly output: string;
  readonly made: TransformedModel;
}

type Emitter = (
  request: ArtifactsRequest & { readonly tflite: TfliteForms },
  folder: string,
) => Promise<EmittedArtifact>;

/** How each artifact is made. */
const EMITTERS: Readonly<Record<TargetName, Emitter>> = {
  server: (request, folder) => emitServerArtifact({ ...request, folder, model: request.made.model }),
  browser: ({ made, ...request }, folder) => {
    const quantized = made.quantization?.skipped === null ? made.model : undefined;
    return buildBrowserArtifact({ ...request, folder, float: made.float, quantized });
  },
  device: (request, folder) => emitDeviceArtifact({ ...request, folder }),
};

/**
 * Makes the artifacts of several targets, one after the other. A target that cannot be made for the model gives a
 * warning with the reason and no folder, as long as another one is made.
 *
 * @throws ModelpressError where the only target cannot be made, and where the run was stopped.
 */
export async function emitArtifacts(
  targets: readonly TargetName[],
  request: ArtifactsRequest,
): Promise<EmittedArtifact> {
  const { made, data, resolved, clock } = request;
  const tflite = tfliteForms({
    model: made.float,
    source: request.source.session,
    calibration: data.calibration,
    resolved,
    clock,
  });
  const variants: Variant[] = [];
  const gates: Report['gates'] = [];
  const diagnostics: Diagnostic[] = [];
  for (const target of targets) {
    const folder = join(request.output, target);
    try {
      if (request.large && target !== 'server') refuseLarge(target);
      const artifact = await EMITTERS[target]({ ...request, tflite }, folder);
      variants.push(...artifact.variants);
      gates.push(...artifact.gates);
      diagnostics.push(...artifact.diagnostics);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (!(error instanceof ModelpressError) || error.code === 'interrupted') throw error;
      if (target === 'server' || targets.length === 1) throw error;
      diagnostics.push(notMade(target, error));
    }
  }
  return { variants, gates, diagnostics };
}

function refuseLarge(target: keyof typeof LARGE_MODEL_REFUSALS): never {
  fail({
    code: `${target}-model-too-large`,
    message: LARGE_MODEL_REFUSALS[target],
    at: target,
    hint: 'Make the server artifact, or a smaller model.',
  });
}

function notMade(target: TargetName, { diagnostic }: ModelpressError): Diagnostic {
  const { code, message, hint, notes = [] } = diagnostic;
  return warning({
    code: `${target}-not-made`,
    message: `${target}/ was not made: ${message}`,
    at: target,
    notes: [code, ...notes],
    ...(hint !== undefined && { hint }),
  });
}
