import { describe, expect, test } from 'vitest';
import { CASE_VARIANTS, type CaseVariantName } from '../../bench/backend/case-variant.ts';
import { checkCase, type Verdict } from '../../bench/backend/check-case.ts';
import { float } from '../../src/ir/attribute.ts';
import { definePass } from '../../src/pass/define-pass.ts';
import { step } from '../../src/pass/pipeline.ts';
import { backendCases, HAS_ZOO, ZOO_NOTE } from '../zoo.ts';

/** Of how many cases one is run for each variant; every one with MODELPRESS_FULL=1, which takes about a minute. */
const EVERY = process.env.MODELPRESS_FULL === '1' ? 1 : 6;

const FAULTS: readonly Verdict['kind'][] = ['exception', 'unrunnable', 'wrong'];

const cases = backendCases();

describe.skipIf(!HAS_ZOO)(`the ONNX backend suite, one case in ${EVERY}${ZOO_NOTE}`, () => {
  test.each((Object.keys(CASE_VARIANTS) as CaseVariantName[]).map((name, index) => [name, index] as const))(
    '%s: optimized and run, every case keeps its interface and its outputs',
    async (name, index) => {
      const faults: string[] = [];
      let agreeing = 0;
      const chosen = cases.filter((_, place) => place % EVERY === index % EVERY);
      for (const one of chosen) {
        const verdict = await checkCase(one, CASE_VARIANTS[name]);
        if (verdict.kind === 'agrees') agreeing++;
        if ('reason' in verdict && FAULTS.includes(verdict.kind))
          faults.push(`${verdict.kind} ${one.name}: ${verdict.reason}`);
      }
      expect(faults).toEqual([]);
      // Of the suite, ONNX Runtime 1.30 loads nine cases in ten.
      expect(agreeing).toBeGreaterThan(0.8 * chosen.length);
    },
    300_000,
  );

  test('a pass that changes results, interfaces or what can be run is seen', async () => {
    const elu = cases.find(({ name }) => name === 'node/test_elu')!;
    const verdictOf = async (run: Parameters<typeof definePass>[0]['run']) => {
      const pass = definePass({ name: 'eliminate-truth', summary: 'Break it', effect: 'lossy', options: {}, run });
      return checkCase(elu, CASE_VARIANTS['as it is'], { steps: [step('eliminate-truth')], passes: [pass] });
    };
    expect(await verdictOf(() => {})).toMatchObject({ kind: 'agrees' });
    const broken = await verdictOf((graph) => {
      for (const node of graph.nodes()) graph.setAttribute(node, 'alpha', float(2.001));
    });
    expect(broken).toMatchObject({ kind: 'wrong', reason: expect.stringContaining('of its largest magnitude') });
    const wider = await verdictOf((graph) => void graph.addInput('more', graph.inputs[0]!.type));
    expect(wider).toMatchObject({ kind: 'wrong', reason: expect.stringContaining('inputs') });
    const unknown = await verdictOf((graph) => {
      for (const node of [...graph.nodes()]) {
        const other = graph.insertBefore(node, { op: 'NoSuchOperator', inputs: node.inputs });
        graph.replaceAllUses(node.outputs[0]!, other.outputs[0]!, { outputs: true });
        graph.erase(node);
      }
    });
    expect(unknown).toMatchObject({ kind: 'unrunnable' });
    const failing = await verdictOf(() => {
      throw new TypeError('no');
    });
    expect(failing).toMatchObject({ kind: 'exception' });
  });
});
