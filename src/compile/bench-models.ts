import type { Dataset } from '../data/dataset.ts';
import { type DatasetSpec, openDataset } from '../data/open-dataset.ts';
import { synthesizeDataset } from '../data/synthesize-dataset.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { Report } from '../report/report-schema.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import type { Port, Session } from '../runtime/session.ts';
import { type Measurement, measureArtifacts } from './artifacts/measure-artifacts.ts';
import { checkOptions } from './check-options.ts';
import { describeEnvironment } from './environment.ts';
import { modelFilesAt } from './model-files.ts';
import type { OptimizeOptions } from './optimize-options.ts';
import { describeDataset } from './prepare-data.ts';

/** How to measure models. */
export interface BenchOptions extends Pick<OptimizeOptions, 'threads' | 'latencyBudget' | 'seed'> {
  /** Inputs to run on; made up from the seed where absent. */
  readonly data?: string | DatasetSpec | undefined;
}

/** One measured model. */
export interface BenchedModel extends Measurement {
  readonly file: string;
}

export interface BenchResult {
  readonly environment: Report['environment'];
  readonly dataset: ReturnType<typeof describeDataset>;
  /** In the order given; the first is what the others' speed-ups are taken against. */
  readonly models: readonly BenchedModel[];
  /** Every model could be measured; `diagnostics` says what could not. */
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Samples made up where no data is given; latency is measured on the first few of them in turn. */
const SYNTHETIC_SAMPLES = 4;

/**
 * Measures models that take the same inputs and give the same outputs: sizes, latency (one run of each in turn, in a
 * process of their own) and peak memory (each in a fresh process), in onnxruntime-node.
 *
 * @throws ModelpressError `bench-no-model`, `bench-interface-differs`, `runtime-load-failed`, and what reading the models
 * and the data throws.
 */
export async function benchModels(paths: readonly string[], options: BenchOptions = {}): Promise<BenchResult> {
  const [first, ...others] = paths;
  if (first === undefined)
    return fail({ code: 'bench-no-model', message: 'there is no model to measure', hint: 'Give one or more.' });
  const { data, ...given } = options;
  const resolved = checkOptions(given);
  const files = [];
  for (const path of paths) files.push(await modelFilesAt(path));
  const session = await openOrtSession(first);
  try {
    for (const path of others) await requireSameInterface(session, first, path);
    const dataset: Dataset =
      data === undefined
        ? synthesizeDataset(session.inputs, { seed: resolved.seed, samples: SYNTHETIC_SAMPLES })
        : await openDataset(data, session);
    const { measurements, diagnostics } = await measureArtifacts(files, session, dataset, resolved);
    return {
      environment: describeEnvironment(),
      dataset: describeDataset(dataset),
      models: measurements.map((measurement, i) => ({ file: paths[i]!, ...measurement })),
      complete: measurements.every(({ latency, memory }) => latency !== null && memory !== null),
      diagnostics: [...dataset.notes, ...diagnostics],
    };
  } finally {
    await session.close();
  }
}

async function requireSameInterface(reference: Session, first: string, path: string): Promise<void> {
  const session = await openOrtSession(path);
  await session.close();
  for (const side of ['inputs', 'outputs'] as const) {
    const [expected, found] = [describePorts(reference[side]), describePorts(session[side])];
    if (expected === found) continue;
    fail({
      code: 'bench-interface-differs',
      message: `${path} has the ${side} ${found}, but ${first} has ${expected}`,
      at: path,
      hint: 'Measure models with other interfaces on their own.',
    });
  }
}

/** Names and types; shapes may differ, as a fixed batch does from an open one. */
function describePorts(ports: readonly Port[]): string {
  const described = ports.map(({ name, dtype }) => `${name}: ${dtype}`);
  return described.length === 0 ? 'none' : described.sort().join(', ');
}
