import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PASSES } from '../../passes/index.ts';
import { CLEAN } from '../../src/compile/presets.ts';
import { ModelpressError } from '../../src/diagnostics/modelpress-error.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { formatType } from '../../src/ir/value-type.ts';
import { nodesWithin } from '../../src/ir/walk.ts';
import { readModel } from '../../src/onnx/read-model.ts';
import { decodeTensor } from '../../src/onnx/tensor-file.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import { isDeterministic } from '../../src/ops/is-deterministic.ts';
import type { AnyPass } from '../../src/pass/define-pass.ts';
import type { PipelineStep } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';
import type { OutputValue, Session } from '../../src/runtime/session.ts';
import { differences } from '../../test/passes/compare-runs.ts';
import { type BackendCase, testDataFiles } from '../../test/zoo.ts';
import { differenceOfInterfaces, interfaceOf } from '../model-interface.ts';
import { nodeCount } from '../node-count.ts';
import { applyVariant, type CaseVariant } from './case-variant.ts';
import { castForeignOutputs, isExchanged } from './exchange-types.ts';

/** How a case of the ONNX backend suite came through the optimizer. */
export type Verdict =
  /** Same interface and equal outputs; nodes count those of nested graphs and functions, and no Constant. */
  | { readonly kind: 'agrees'; readonly nodesBefore: number; readonly nodesAfter: number }
  /** Loads as before, but has inputs or only outputs that onnxruntime-node cannot exchange. */
  | { readonly kind: 'loads'; readonly reason: string }
  /** ONNX Runtime does not load or run the source. */
  | { readonly kind: 'not-run'; readonly reason: string }
  /** The optimizer threw. */
  | { readonly kind: 'exception'; readonly reason: string }
  /** The source runs and the result does not. */
  | { readonly kind: 'unrunnable'; readonly reason: string }
  /** Another interface or other outputs. */
  | { readonly kind: 'wrong'; readonly reason: string };

/** Largest difference of float outputs relative to the largest magnitude. */
const TOLERANCE = 1e-4;

/**
 * Optimizes a case as every model is, without the check that would take a fault back, and runs it beside its source in
 * ONNX Runtime with the runtime's own optimizer off.
 */
export async function checkCase(
  one: BackendCase,
  variant: CaseVariant,
  {
    steps = CLEAN,
    passes = PASSES,
  }: { readonly steps?: readonly PipelineStep[]; readonly passes?: readonly AnyPass[] } = {},
): Promise<Verdict> {
  const files = testDataFiles(join(one.folder, 'test_data_set_0'), 'input');
  let source: Uint8Array;
  let result: Uint8Array;
  let feed: ReadonlyMap<string, Tensor> | undefined;
  let random: boolean;
  let reason = '';
  let counts: { readonly nodesBefore: number; readonly nodesAfter: number };
  let interfaceChange: string | undefined;
  try {
    const original = readFileSync(join(one.folder, 'model.onnx'));
    const model = readModel(original);
    const data = model.graph.inputs.map(({ type }, index) =>
      type?.kind === 'tensor' && files[index] !== undefined ? decodeTensor(files[index]) : undefined,
    );
    const applied = applyVariant(model, data, variant);
    feed = applied.feed;
    source = castForeignOutputs(model) > 0 || applied.changed ? writeModel(model) : original;
    reason = whyNotRun(model);
    random = [...nodesWithin(model.graph)].some((node) => !isDeterministic(node, model));
    const nodesBefore = nodeCount(model);
    const before = interfaceOf(model);
    runPipeline(model, steps, { passes, onFailure: 'throw' });
    result = writeModel(model);
    const written = readModel(result);
    counts = { nodesBefore, nodesAfter: nodeCount(written) };
    interfaceChange = differenceOfInterfaces(before, interfaceOf(written));
  } catch (error) {
    return { kind: 'exception', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  if (interfaceChange !== undefined) return { kind: 'wrong', reason: interfaceChange };

  const expected = await runBytes(source, reason === '' ? feed : undefined);
  if (expected instanceof ModelpressError) return { kind: 'not-run', reason: expected.message };
  const actual = await runBytes(result, reason === '' ? feed : undefined);
  if (actual instanceof ModelpressError) return { kind: 'unrunnable', reason: actual.message };
  if (expected === undefined || actual === undefined) return { kind: 'loads', reason };
  const found = random ? formDifferences(expected, actual) : differences(expected, actual, 'reassociates', TOLERANCE);
  return found.length > 0 ? { kind: 'wrong', reason: found.join('; ') } : { kind: 'agrees', ...counts };
}

/** Why onnxruntime-node can only load a model: what it cannot be given, or that there is nothing it can give. */
function whyNotRun({ graph }: Model): string {
  const odd = graph.inputs.find(({ type }) => type?.kind !== 'tensor' || !isExchanged(type.dtype));
  if (odd !== undefined) return `input '${odd.name}' is ${formatType(odd.type)}`;
  const tensors = graph.outputs.filter(({ declared }) => declared === undefined || declared.kind === 'tensor');
  return tensors.length === 0 ? `output '${graph.outputs[0]?.name}' is ${formatType(graph.outputs[0]?.declared)}` : '';
}

/** Loads a model and, where there is a feed, runs it. */
async function runBytes(
  bytes: Uint8Array,
  feed: ReadonlyMap<string, Tensor> | undefined,
): Promise<ReadonlyMap<string, OutputValue> | undefined | ModelpressError> {
  let session: Session | undefined;
  try {
    session = await openOrtSession(bytes, { optimization: 'disabled' });
    return feed === undefined ? undefined : await session.run(feed);
  } catch (error) {
    if (error instanceof ModelpressError) return error;
    throw error;
  } finally {
    await session?.close();
  }
}

/** What random operators are held to: the same names, types and dimensions. */
function formDifferences(before: ReadonlyMap<string, OutputValue>, after: ReadonlyMap<string, OutputValue>): string[] {
  const form = (values: ReadonlyMap<string, OutputValue>) =>
    Array.from(values, ([name, value]) => ('dtype' in value ? `${name}: ${value.dtype}[${value.dims}]` : name)).join();
  return form(before) === form(after) ? [] : [`${form(before)} became ${form(after)}`];
}
