import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset, Feed } from '../../data/dataset.ts';
import { type Diagnostic, warning } from '../../diagnostics/diagnostic.ts';
import { fail } from '../../diagnostics/modelpress-error.ts';
import { measureSize } from '../../measure/measure-size.ts';
import { type Manifest, manifestSchema } from '../../report/manifest-schema.ts';
import type { Variant } from '../../report/report-schema.ts';
import { LITERT_VERSION, type LiteRtSession, openLiteRtSession } from '../../runtime/litert.ts';
import { integerFeed, withFloatPorts } from '../../runtime/litert-float-ports.ts';
import type { Session } from '../../runtime/session.ts';
import { emitDevice } from '../../targets/device/emit-device.ts';
import { portQuantization } from '../../targets/device/tflite/port-quantization.ts';
import type { TfGraph } from '../../targets/device/tflite/tf-graph.ts';
import { whyRefused } from '../../targets/nhwc/refusal.ts';
import { evaluate } from '../../validate/evaluate.ts';
import { accuracyOf } from '../accuracy-of.ts';
import { describePort } from '../describe-source.ts';
import { lessAccurate } from '../result-warnings.ts';
import { affordableRuns, validatedOnFewer, WASM_MACS_PER_SECOND, workOfRun } from '../run-work.ts';
import { artifactManifest } from './artifact-manifest.ts';
import { latencyOf } from './latency-of.ts';
import type { EmittedArtifact, ServerArtifactRequest } from './server-artifact.ts';
import type { TfliteForms } from './tflite-forms.ts';

/** What the device artifact is made from. */
export interface DeviceArtifactRequest extends Omit<ServerArtifactRequest, 'model'> {
  readonly tflite: TfliteForms;
}

/** Work of validating in LiteRT's wasm build, which takes several times as long as a phone: about half a minute. */
const VALIDATION_WORK = 30 * WASM_MACS_PER_SECOND;
/** Samples that are run whatever they cost. */
const FEWEST_SAMPLES = 4;

/** Runs before timing: LiteRT's wasm is compiled to its final form while it runs, of a slow model within a few of them. */
const ROUNDS = { warmup: 40, least: 5, most: 50 };

/**
 * Writes `device/`: the model as .tflite, run over the validation data in LiteRT. A model that TensorFlow Lite cannot
 * express is refused.
 *
 * @throws ModelpressError `device-refused` with the nodes, and those of LiteRT.
 */
export async function emitDeviceArtifact(request: DeviceArtifactRequest): Promise<EmittedArtifact> {
  await mkdir(request.folder, { recursive: true });
  const { resolved, clock, source, folder, tflite } = request;
  const lowering = await tflite.lowered();
  if (lowering.kind === 'refused') {
    const { refused } = lowering.report;
    const { message, notes } = whyRefused(refused, 'TensorFlow Lite');
    return fail({
      code: 'device-refused',
      message,
      at: refused[0]?.at ?? request.name,
      hint: refused[0]?.hint ?? 'Leave --target device out.',
      notes,
    });
  }
  const { bytes, graph, precision, diagnostics } = (await tflite.quantized(resolved.devicePorts)) ?? {
    ...lowering,
    precision: 'float32',
    diagnostics: [],
  };
  const path = join(folder, 'model.tflite');
  const manifest = manifestOf(request, graph);
  const emit = (results: Variant[]) =>
    emitDevice({
      directory: folder,
      bytes,
      graph,
      manifest: { ...manifest, results },
    });
  await emit([]);
  const { dataset, limit, diagnostics: leftOut } = await samplesFor(request);
  const session = await openLiteRtSession(path);
  try {
    const ports = portQuantization(graph);
    const evaluation = await clock.run(
      'validate device',
      () =>
        evaluate(
          { name: 'source', session: source.session },
          [{ name: 'device', session: floating(session, ports, source.session) }],
          dataset,
          {
            seed: resolved.seed,
            limit,
            onProgress: request.onProgress('validate device'),
            ...(resolved.metric !== undefined && { metrics: [resolved.metric] }),
          },
        ),
      (result) => `${result.samples} samples in LiteRT`,
    );
    const candidate = evaluation.candidates[0]!;
    const { feed } = await dataset.sample(0);
    const times = resolved.measure
      ? await clock.run(
          'measure device',
          () => timesOf(session, integerFeed(session.inputs, feed, ports), request),
          ({ length }) => `${length} runs in LiteRT`,
        )
      : undefined;
    const variant: Variant = {
      name: 'device',
      target: 'device',
      file: 'device/model.tflite',
      runtime: 'litert (wasm)',
      precision,
      size: await measureSize([bytes]),
      latency: times === undefined ? null : latencyOf(times, 1),
      memory: null,
      accuracy: accuracyOf(candidate),
      coverage: null,
    };
    await emit([variant]);
    const about = evaluation.diagnostics.filter(({ at }) => at === 'device');
    const lost = lessAccurate(variant.accuracy, 'device');
    return {
      variants: [variant],
      gates: [],
      diagnostics: [...lowering.report.diagnostics, ...diagnostics, ...leftOut, ...about, ...lost],
    };
  } finally {
    await session.close();
  }
}

/**
 * The samples to validate on that have the shape of the file, and how many of them; where none has it, those that it was
 * calibrated with.
 */
async function samplesFor({ data, resolved, tflite, source }: DeviceArtifactRequest): Promise<{
  readonly dataset: Dataset;
  readonly limit: number;
  readonly diagnostics: readonly Diagnostic[];
}> {
  const { shapes, fitting } = await tflite.fixed();
  const { validationSamples: asked = Number.POSITIVE_INFINITY } = resolved;
  const { feed } = await data.validation.sample(0);
  const affordable = affordableRuns(VALIDATION_WORK, workOfRun(source.model)(feed), FEWEST_SAMPLES);
  const limit = Math.min(asked, affordable);
  // One more shows whether there are more; rows of a batch are samples of their own.
  const { dataset, unfit } = await fitting(data.validation, { limit: limit + 1 });
  const told = affordable < Math.min(asked, dataset.size) ? [validatedOnFewer('device', limit)] : [];
  if (unfit === 0) return { dataset, limit, diagnostics: told };
  const taken = [...shapes].map(([input, dims]) => `${input} [${dims.join(', ')}]`).join(', ');
  const none = dataset.size === 0;
  const used = none ? 'the calibration samples are used instead' : `${dataset.size} others are used`;
  const finding = warning({
    code: 'device-samples-unfit',
    message: `${unfit} samples of ${data.validation.label} do not have the shapes of model.tflite, ${taken}: ${used}`,
    at: 'device',
    hint: 'A file takes one shape, that of the first calibration sample. Validate on samples that have it.',
  });
  return {
    dataset: none ? (await fitting(data.calibration)).dataset : dataset,
    limit,
    diagnostics: [...told, finding],
  };
}

type Ports = ReturnType<typeof portQuantization>;

/** The session with the source's types at its borders. */
function floating(session: Session, ports: Ports, source: Session): Session {
  const floats = new Map(
    [...ports].filter(([name]) =>
      [...source.inputs, ...source.outputs].some((port) => port.name === name && port.dtype === 'float32'),
    ),
  );
  return withFloatPorts(session, floats);
}

/** Times of runs, as many as there is time for: of a slow model few, which vary little. */
async function timesOf(
  session: LiteRtSession,
  feed: Feed,
  { resolved: { latencyBudget }, onProgress }: Pick<DeviceArtifactRequest, 'resolved' | 'onProgress'>,
): Promise<readonly number[]> {
  const tell = onProgress('measure device');
  const repeat = async (least: number, most: number): Promise<number[]> => {
    const deadline = performance.now() + latencyBudget;
    const times: number[] = [];
    while (times.length < least || (times.length < most && performance.now() < deadline)) {
      times.push(...(await session.time(feed, 1)));
      tell(times.length, most);
    }
    return times;
  };
  await repeat(1, ROUNDS.warmup);
  return await repeat(ROUNDS.least, ROUNDS.most);
}

function manifestOf(request: DeviceArtifactRequest, graph: TfGraph): Manifest {
  const { source } = request;
  const ports = portQuantization(graph);
  const types = new Map([...graph.inputs, ...graph.outputs].map(({ name, tensor }) => [name, tensor.type]));
  const described = (port: Session['inputs'][number]): Manifest['inputs'][number] => {
    const quantization = ports.get(port.name);
    return {
      ...describePort(port),
      ...(quantization !== undefined && {
        type: types.get(port.name)!,
        scale: quantization.scale,
        zeroPoint: quantization.zeroPoint,
      }),
    };
  };
  return manifestSchema.parse({
    ...artifactManifest(request, 'device'),
    entry: 'model.tflite',
    inputs: source.session.inputs.map(described),
    outputs: source.session.outputs.map(described),
    runtimes: { litert: LITERT_VERSION },
    results: [],
  });
}
