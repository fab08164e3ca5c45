import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Diagnostic, warning } from '../../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../../diagnostics/modelpress-error.ts';
import { LARGE_MODEL_REFUSALS } from '../large-model.ts';
import type { TargetName } from '../optimize-options.ts';
import type { TransformedModel } from '../transform-model.ts';
import { buildBrowserArtifact } from './browser/browser-artifact.ts';
import { emitDeviceArtifact } from './device-artifact.ts';
import { type EmittedArtifact, emitServerArtifact, type ServerArtifactRequest } from './server-artifact.ts';
import { type TfliteForms, tfliteForms } from './tflite-forms.ts';

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
 * warning with the reason and no folder, as long as another one is made. Without the server, which every model can have
 * and budgets are judged by, the run has not passed.
 *
 * @throws what kept the first target from being made where none is, and what stopped the run.
 */
export async function emitArtifacts(
  targets: readonly TargetName[],
  request: ArtifactsRequest,
): Promise<EmittedArtifact> {
  const { made, data, resolved, clock } = request;
  const source = request.source.session;
  const tflite = tfliteForms({ model: made.float, source, calibration: data.calibration, resolved, clock });
  const artifacts: EmittedArtifact[] = [];
  const failures: { readonly target: TargetName; readonly error: unknown }[] = [];
  for (const target of targets) {
    const folder = join(request.output, target);
    try {
      if (request.large && target !== 'server') refuseLarge(target);
      artifacts.push(await EMITTERS[target]({ ...request, tflite }, folder));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (clock.stopped) throw error;
      failures.push({ target, error });
    }
  }
  if (artifacts.length === 0 && failures.length > 0) throw failures[0]!.error;
  const withoutServer = failures
    .filter(({ target }) => target === 'server')
    .map(({ error }) => ({
      name: 'server',
      verdict: 'fail' as const,
      detail: `server/ was not made: ${reasonOf(error)}`,
    }));
  return {
    variants: artifacts.flatMap(({ variants }) => variants),
    gates: [...withoutServer, ...artifacts.flatMap(({ gates }) => gates)],
    diagnostics: [
      ...artifacts.flatMap(({ diagnostics }) => diagnostics),
      ...failures.map(({ target, error }) => notMade(target, error)),
    ],
  };
}

function refuseLarge(target: keyof typeof LARGE_MODEL_REFUSALS): never {
  fail({
    code: `${target}-model-too-large`,
    message: LARGE_MODEL_REFUSALS[target],
    at: target,
    hint: 'Make the server artifact, or a smaller model.',
  });
}

function notMade(target: TargetName, error: unknown): Diagnostic {
  const message = `${target}/ was not made: ${reasonOf(error)}`;
  if (!(error instanceof ModelpressError)) {
    const hint = 'This is a fault in modelpress. Report it with the model.';
    return warning({ code: `${target}-not-made`, message, at: target, notes: ['because of internal'], hint });
  }
  const { code, at, hint, notes = [] } = error.diagnostic;
  return warning({
    code: `${target}-not-made`,
    message,
    at: target,
    notes: [`because of ${code}${at === undefined ? '' : ` at ${at}`}`, ...notes],
    ...(hint !== undefined && { hint }),
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
