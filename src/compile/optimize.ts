import { join, resolve } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { withoutRepeats } from '../diagnostics/without-repeats.ts';
import { fileSource } from '../files/file-source.ts';
import { openModelFile } from '../files/open-model-file.ts';
import { saveModelFile } from '../files/save-model-file.ts';
import { openSpillFile } from '../files/spill-file.ts';
import { writeFolderAtomically } from '../files/write-folder-atomically.ts';
import type { Model } from '../ir/model.ts';
import { measureSize } from '../measure/measure-size.ts';
import { printPipeline } from '../pass/pipeline.ts';
import type { PassRecord } from '../pass/run-pipeline.ts';
import { REPORT_VERSION, type Report, type Variant } from '../report/report-schema.ts';
import { emitArtifacts } from './artifacts/emit-artifacts.ts';
import { checkOptions } from './check-options.ts';
import { describeSource } from './describe-source.ts';
import { describeEnvironment, toolVersion } from './environment.ts';
import { type EventListener, StageClock } from './events.ts';
import { changeInterface } from './interface/change-interface.ts';
import { isLarge, largeModelWarning, openSource, spillWeights } from './large-model.ts';
import { filesOf, modelNameOf } from './model-identity.ts';
import type { OptimizeOptions, ResolvedOptions } from './optimize-options.ts';
import { describeDataset, type PreparedData, prepareData, syntheticValidationWarning } from './prepare-data.ts';
import { workOfRun } from './run-work.ts';
import { transformModel } from './transform-model.ts';
import { writeReports } from './write-reports.ts';

/** What a run comes to. */
export interface OptimizeResult {
  readonly report: Report;
  /** The folder that was written. */
  readonly output: string;
  /** No budget failed and no output was broken. */
  readonly passed: boolean;
}

/**
 * The whole road: reads a model, optimizes its graph, prunes and quantizes it as asked, writes the artifacts, runs and
 * measures each in its real runtime, and writes the reports. The output folder appears whole or not at all.
 *
 * @param path of an ONNX model.
 * @param onEvent is told of stages, passes and progress.
 * @param signal stops the run at its next event; nothing is left behind then.
 * @throws ModelpressError where the model, the data or the options cannot be used; its `code` says which. The signal's
 * reason where that stopped it.
 */
export async function optimize(
  path: string,
  options: OptimizeOptions = {},
  onEvent: EventListener = () => {},
  signal?: AbortSignal,
): Promise<OptimizeResult> {
  const listen: EventListener = (event) => {
    signal?.throwIfAborted();
    onEvent(event);
  };
  const resolved = checkOptions(options);
  const output = resolve(resolved.output ?? `${modelNameOf(path)}-optimized`);
  return await writeFolderAtomically(output, async (folder, work) => {
    const report = await run(path, resolved, folder, work, listen);
    return { report, output, passed: report.gates.every((gate) => gate.verdict !== 'fail') };
  });
}

async function run(
  path: string,
  options: ResolvedOptions,
  folder: string,
  work: string,
  onEvent: EventListener,
): Promise<Report> {
  const clock = new StageClock(onEvent);
  const diagnostics: Diagnostic[] = [];
  const given = await clock.run(
    'read',
    () => openModelFile(path, { report: (found) => diagnostics.push(found) }),
    (model) => `${model.graph.nodeCount} nodes`,
  );
  const { source, sourcePath } = await withInterface(given, path, options, work);
  const large = isLarge(source, options);
  if (large) diagnostics.push(largeModelWarning(source, options));
  // Beside the output, not among the system's temporary files, which may lie in memory.
  const spill = large ? openSpillFile(join(work, 'weights')) : undefined;
  if (spill !== undefined) spillWeights(source, spill);
  const session = await openSource(source, sourcePath, large);
  try {
    const data = await clock.run(
      'data',
      () => prepareData(session, options, large, large ? undefined : workOfRun(source)),
      describeData,
    );
    diagnostics.push(...data.diagnostics);

    const made = await transformModel(source, sourcePath, data, options, {
      clock,
      workFile: join(work, 'check.onnx'),
      partSource: large ? session : undefined,
    });
    diagnostics.push(...made.diagnostics);
    const { quantization, inputRanges } = made;
    const name = options.name ?? modelNameOf(path);
    const described = describeSource(name, path, given, made.cleaned, session);

    if (!data.validationGiven) diagnostics.push(syntheticValidationWarning());

    const calibrated = options.quantize === 'int8' && quantization?.skipped === null;
    const pipeline = printPipeline(made.steps);
    const datasets = {
      calibration: calibrated ? describeDataset(data.calibration) : null,
      validation: describeDataset(data.validation),
    };
    const shared = {
      tool: { name: 'modelpress' as const, version: toolVersion() },
      source: described,
      options: { ...options },
      seed: options.seed,
      pipeline,
      datasets,
    };
    const emitted = await emitArtifacts(options.target, {
      output: folder,
      made,
      source: { model: source, path: sourcePath, session },
      large,
      name,
      data,
      quantization,
      inputRanges,
      resolved: options,
      manifest: shared,
      clock,
      onProgress: (stage: string) => clock.progress(stage),
    });
    diagnostics.push(...emitted.diagnostics);
    const variants = [...emitted.variants];
    if (!variants.some((variant) => variant.target === 'source')) variants.unshift(await sourceVariant(given, path));
    const report: Report = {
      reportVersion: REPORT_VERSION,
      ...shared,
      environment: describeEnvironment(),
      stages: [...clock.stages],
      passes: made.records.map((record, i) => describePass(record, i + 1)),
      leakage: data.leaked === null ? null : { shared: data.leaked },
      fusions: made.fusions,
      pruning: made.pruning,
      quantization,
      variants,
      gates: [...emitted.gates],
      diagnostics: withoutRepeats(diagnostics).map((diagnostic) => ({
        ...diagnostic,
        notes: [...(diagnostic.notes ?? [])],
      })),
      files: [],
    };
    return writeReports(folder, report);
  } finally {
    await session.close();
    spill?.close();
  }
}

/**
 * The model that everything is compared with: as it was given, but for the interface that the options ask for, which then
 * lies in a file of its own.
 */
async function withInterface(
  given: Model,
  path: string,
  options: ResolvedOptions,
  work: string,
): Promise<{ readonly source: Model; readonly sourcePath: string }> {
  const changed = changeInterface(given, options);
  if (changed === given) return { source: given, sourcePath: path };
  const sourcePath = join(work, 'source.onnx');
  await saveModelFile(changed, sourcePath);
  return { source: await openModelFile(sourcePath), sourcePath };
}

/** The source where no artifact was measured beside it. */
async function sourceVariant(model: Model, path: string): Promise<Variant> {
  return {
    name: 'source',
    target: 'source',
    file: path,
    runtime: 'onnxruntime-node',
    precision: 'as given',
    size: await measureSize(filesOf(model, path).map(fileSource)),
    latency: null,
    memory: null,
    accuracy: null,
    coverage: null,
  };
}

function describeData({ calibration, validation }: PreparedData): string {
  return `${calibration.size} to calibrate, ${validation.size} to validate (${validation.origin})`;
}

function describePass(record: PassRecord, index: number): Report['passes'][number] {
  return {
    index,
    pass: record.pass,
    milliseconds: record.milliseconds,
    changed: record.changed,
    undone: record.undone,
    nodesBefore: record.before.nodes,
    nodesAfter: record.after.nodes,
    bytesBefore: record.before.bytes,
    bytesAfter: record.after.bytes,
    counts: { ...record.counts },
  };
}
