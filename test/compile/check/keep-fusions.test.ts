import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PASSES } from '../../../passes/index.ts';
import {
  cleanKeepingFusions,
  type GuardedGraph,
  type KeepFusionsOptions,
} from '../../../src/compile/check/keep-fusions.ts';
import { atOpset, CLEAN } from '../../../src/compile/presets.ts';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { saveModelFile } from '../../../src/files/save-model-file.ts';
import { isOp } from '../../../src/ir/node.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { definePass } from '../../../src/pass/define-pass.ts';
import { type PipelineStep, step } from '../../../src/pass/pipeline.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelpress-fusions-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Right, but no longer what the runtime looks for: two negations between a convolution and its activation. */
const negateTwice = definePass({
  name: 'negate-twice',
  summary: 'Hide activations',
  effect: 'exact',
  options: {},
  run(graph) {
    for (const node of graph.nodes()) {
      const [x] = node.inputs;
      if (!isOp(node, 'Relu') || x?.producer?.op !== 'Conv') continue;
      const minus = graph.insertBefore(node, { op: 'Neg', inputs: [x], outputs: [{ type: x.type }] });
      const plus = graph.insertBefore(node, {
        op: 'Neg',
        inputs: [minus.outputs[0]!],
        outputs: [{ type: x.type }],
      });
      graph.setInput(node, 0, plus.outputs[0]!);
    }
  },
});

const passes = [...PASSES, negateTwice];
const STEPS = [step('infer-shapes'), step('eliminate-identity'), step('negate-twice'), step('infer-shapes')];
const CONV = `g (float[1,1,4,4] x) => (float[1,1,4,4] y) <float[1,1,1,1] w = {2}> {
  i = Identity(x) c = Conv(i, w) y = Relu(c) }`;

async function cleaned(
  text: string,
  steps: readonly PipelineStep[],
  options: Partial<KeepFusionsOptions> = {},
): Promise<GuardedGraph> {
  const sourceFile = join(folder, 'source.onnx');
  await saveModelFile(parseModel(`<ir_version: 8, opset_import: ["" : 17]>\n${text}`), sourceFile);
  const session = await openOrtSession(sourceFile);
  const dataset = synthesizeDataset(session.inputs, { seed: 1, samples: 2 });
  await session.close();
  const workFile = join(folder, 'work.onnx');
  const all = { check: true, guard: true, passes, sourceFile, workFile, ...options };
  return cleanKeepingFusions(await openModelFile(sourceFile), steps, dataset, all);
}

const operators = ({ model }: GuardedGraph): string[] => [...model.graph.nodes()].map(({ op }) => op);
const about = ({ diagnostics }: GuardedGraph): string[] =>
  diagnostics.filter(({ code }) => code.startsWith('fusion')).map(({ code, severity }) => `${severity} ${code}`);

describe("the guard of the runtime's fusions", () => {
  it('finds the pass that takes one away, and leaves it out', async () => {
    const result = await cleaned(CONV, STEPS);
    expect(operators(result)).toEqual(['Conv', 'Relu']);
    expect(result.fusions).toEqual({ before: { FusedConv: 1 }, after: { FusedConv: 1 }, lost: {} });
    expect(about(result)).toEqual(['warning fusion-pass-skipped']);
    const skipped = result.diagnostics.find(({ code }) => code === 'fusion-pass-skipped');
    expect(skipped?.message).toContain("pass 'negate-twice' (run 3) was left out: it took 1 FusedConv");
    expect(result.steps).toEqual([step('infer-shapes'), step('eliminate-identity'), step('infer-shapes')]);
  });

  it('only tells of the loss for other runtimes', async () => {
    const result = await cleaned(CONV, STEPS, { guard: false });
    expect(operators(result)).toEqual(['Conv', 'Neg', 'Neg', 'Relu']);
    expect(result.fusions?.lost).toEqual({ FusedConv: 1 });
    expect(about(result)).toEqual(['note fusion-lost']);
  });

  it('lets a pass be whose result is better than the fusion', async () => {
    const scaled =
      'g (float[N,2] x) => (float[N,1] y) <float[2,1] w = {2, 6}, float two = {2}> { a = Mul(x, two) y = MatMul(a, w) }';
    const result = await cleaned(scaled, CLEAN);
    expect(operators(result)).toEqual(['MatMul']);
    expect(result.fusions?.lost).toEqual({ FusedMatMul: 1 });
    expect(about(result)).toEqual(['note fusion-lost']);
  });

  it('has nothing to do for GELU in an opset without the operator, in front of weights', async () => {
    const gelu = `g (float[N,2] x) => (float[N,1] y) <float[2,1] w = {2, 6}, float r = {1.41421354}, float one = {1}, float half = {0.5}> {
      a = Div(x, r) b = Erf(a) c = Add(b, one) d = Mul(x, c) e = Mul(d, half) y = MatMul(e, w) }`;
    const result = await cleaned(gelu, atOpset(17, CLEAN));
    expect(result.fusions).toEqual({ before: { Gelu: 1 }, after: { Gelu: 1 }, lost: {} });
    expect(about(result)).toEqual([]);
  });

  it('says nothing where nothing is lost', async () => {
    const result = await cleaned(CONV, CLEAN);
    expect(result.fusions).toEqual({ before: { FusedConv: 1 }, after: { FusedConv: 1 }, lost: {} });
    expect(about(result)).toEqual([]);
  });

  it('counts nothing where the graph is not checked', async () => {
    expect((await cleaned(CONV, STEPS, { check: false })).fusions).toBeNull();
  });
});
