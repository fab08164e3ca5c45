import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PASSES } from '../../../passes/index.ts';
import { type CleanedGraph, type CleanGraphOptions, cleanGraph } from '../../../src/compile/check/clean-graph.ts';
import { CLEAN } from '../../../src/compile/presets.ts';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { saveModelFile } from '../../../src/files/save-model-file.ts';
import { isOp } from '../../../src/ir/node.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { definePass } from '../../../src/pass/define-pass.ts';
import { type PipelineStep, parsePipeline, step } from '../../../src/pass/pipeline.ts';
import { openOrtSession } from '../../../src/runtime/onnxruntime-node.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modelpress-clean-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A pass that is wrong: right only where there is one row. */
const dropSums = definePass({
  name: 'drop-sums',
  summary: 'Take a sum over rows for the rows',
  effect: 'exact',
  options: {},
  run(graph) {
    for (const node of graph.nodes()) {
      if (!isOp(node, 'ReduceSum')) continue;
      graph.replaceAllUses(node.outputs[0]!, node.inputs[0]!, { outputs: true });
      graph.erase(node);
    }
  },
});

async function cleaned(
  text: string,
  steps: readonly PipelineStep[] = CLEAN,
  { opsets = '"" : 17', ...options }: Partial<CleanGraphOptions> & { readonly opsets?: string } = {},
): Promise<CleanedGraph> {
  const sourceFile = join(folder, 'source.onnx');
  await saveModelFile(parseModel(`<ir_version: 8, opset_import: [${opsets}]>\n${text}`), sourceFile);
  const session = await openOrtSession(sourceFile);
  const dataset = synthesizeDataset(session.inputs, { seed: 1, samples: 2 });
  await session.close();
  const workFile = join(folder, 'work.onnx');
  return cleanGraph(await openModelFile(sourceFile), steps, dataset, { check: true, sourceFile, workFile, ...options });
}

const messages = ({ diagnostics }: CleanedGraph) => diagnostics.map(({ code, message }) => `${code}: ${message}`);

const SUM = 'g (float[N,2] x) => (float[M,2] y) <int64[1] a = {0}> { n = Neg(x) i = Identity(n) y = ReduceSum(i, a) }';
const WRONG = [step('infer-shapes'), step('eliminate-identity'), step('drop-sums')];
const passes = [...PASSES, dropSums];

describe('the check of an optimized graph', () => {
  it('finds a pass that is wrong for other sizes than those of the samples, and leaves it out', async () => {
    const result = await cleaned(SUM, WRONG, { passes });
    const ops = [...result.model.graph.nodes()].map(({ op }) => op);
    expect(ops).toEqual(['Neg', 'ReduceSum']);
    expect(messages(result)[0]).toMatch(
      /^check-pass-skipped: pass 'drop-sums' \(run 3\) changed the results with N=\d+ /,
    );
    const [command = ''] = result.diagnostics[0]?.notes ?? [];
    expect(command).toContain('--no-check --no-measure --stop-after 3');
    expect(parsePipeline(/--pipeline '(.*)'$/.exec(command)?.[1] ?? '')).toEqual(WRONG);
    expect(messages(result)[1]).toMatch(/^check-agrees: .* with 4 other sets of sizes/);
  });

  it('is not made where it is turned off', async () => {
    const result = await cleaned(SUM, WRONG, { passes, check: false });
    expect([...result.model.graph.nodes()].map(({ op }) => op)).toEqual(['Neg']);
    expect(result.diagnostics).toEqual([]);
  });

  it('leaves out sizes that the source does not run with, and counts them', async () => {
    const result = await cleaned(
      'g (float[N] x) => (float[M,2] y) <int64[2] s = {-1, 2}> { r = Reshape(x, s) y = Relu(r) }',
    );
    expect(messages(result).at(0)).toMatch(
      /^check-agrees: .* gives, with 1 other set of sizes .*\(the source itself does not run with 3 more\)/,
    );
  });

  it('compares what is shipped: ONNX Runtime loses the signs of an L2 Normalizer whose shapes are stated', async () => {
    const text = `g (float[N,4] x) => (float[N,4] y) {
      a = Neg(x) b = ai.onnx.ml.Normalizer <norm: string = "L2">(a) y = Neg(b)
    }`;
    const opsets = '"" : 17, "ai.onnx.ml" : 1';
    const steps = [step('infer-shapes')];
    expect(messages(await cleaned(text, steps, { opsets }))).toEqual([expect.stringMatching(/^check-agrees/)]);
    const stated = await cleaned(text, steps, { opsets, debugInfo: true });
    expect(messages(stated)[0]).toMatch(/^check-pass-skipped: pass 'infer-shapes'/);
  });

  it('says that there are no other sizes where nothing is open', async () => {
    const result = await cleaned('g (float[3] x) => (float[3] y) { y = Relu(x) }');
    expect(messages(result)).toEqual([
      'check-agrees: the optimized graph gives what its source gives, on the samples there are',
    ]);
  });

  it('is not possible on random numbers, which stay', async () => {
    const result = await cleaned('g (float[N] x) => (float[N] y) { r = RandomNormalLike(x) y = Add(x, r) }');
    expect(messages(result)).toEqual([
      'check-not-possible: the optimized graph was not compared with its source: it draws random numbers',
    ]);
  });
});
