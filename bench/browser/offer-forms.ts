import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { optimize } from '../../src/compile/optimize.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import { type Manifest, manifestSchema } from '../../src/report/manifest-schema.ts';
import type { BrowserRuntime } from '../../src/targets/browser/runtime-files.ts';
import { zooModelFile, zooTestData } from '../zoo/zoo-folder.ts';

/** A form of a model that its browser artifact offers, as measured in the browser. */
export interface OfferedForm {
  readonly runtime: BrowserRuntime;
  readonly precision: string;
  /** Median milliseconds of a prediction in a page. */
  readonly latency: number | null;
  /** What a first visit downloads, model and runtime, compressed with brotli, in bytes. */
  readonly download: number;
  /** Against the source on the recorded input, in decibels; null where it answers the very same. */
  readonly sqnr: number | null;
}

/** What the browser artifact of a model offers, best first. */
export interface OfferRow {
  readonly model: string;
  /** Where it was measured, `Chromium 156.0.8078.79`; null where there is no artifact. */
  readonly browser: string | null;
  readonly forms: readonly OfferedForm[];
  /** Runtimes without a form that agrees, and why. */
  readonly missing: Readonly<Partial<Record<BrowserRuntime, string>>>;
}

export const RUNTIMES: readonly BrowserRuntime[] = ['onnxruntime-web', 'litert', 'tfjs'];

/** Notes of a run that say why a runtime has no form. */
const NO_FORM: Readonly<Partial<Record<BrowserRuntime, string>>> = {
  litert: 'browser-no-tflite',
  tfjs: 'browser-no-tfjs',
};

/**
 * Makes the browser artifact of a model as the command does, on its recorded inputs, and reads from its manifest which forms
 * there are: those that load in the browser and agree there, with their times and downloads.
 */
export async function offerForms(work: string, model: string): Promise<OfferRow> {
  const output = join(work, model);
  const data = join(zooTestData(model), 'test_data_set_0');
  try {
    const { report } = await optimize(zooModelFile(model), {
      output,
      target: ['browser'],
      quantize: 'int8',
      calibrate: data,
      validate: data,
    });
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(output, 'browser/manifest.json'), 'utf8')));
    const forms = formsOf(manifest);
    const reason = (runtime: BrowserRuntime): string =>
      report.diagnostics
        .filter(
          ({ code, at }) =>
            code === NO_FORM[runtime] || (code === 'browser-candidate-refused' && at?.endsWith(runtime)),
        )
        .map(({ message, notes }) => notes?.[0] ?? message)
        .join('; ');
    const missing = RUNTIMES.filter((runtime) => !forms.some((form) => form.runtime === runtime));
    return {
      model,
      browser: manifest.browser?.measuredIn ?? null,
      forms,
      missing: Object.fromEntries(missing.map((runtime) => [runtime, reason(runtime)])),
    };
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    return {
      model,
      browser: null,
      forms: [],
      missing: Object.fromEntries(RUNTIMES.map((one) => [one, error.message])),
    };
  }
}

function formsOf({ browser, results }: Manifest): readonly OfferedForm[] {
  return (browser?.candidates ?? []).map(({ file, runtime, precision, latency, download }) => ({
    runtime,
    precision,
    latency,
    download: download.model + download.runtime,
    sqnr: results.find((one) => one.file === `browser/${file}`)?.accuracy?.sqnr ?? null,
  }));
}
