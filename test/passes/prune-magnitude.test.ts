import { describe, expect, it } from 'vitest';
import { PASSES } from '../../passes/index.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import { tensorFromElements, toFloat32 } from '../../src/ir/tensor.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { sparsityOf } from '../../src/prune/magnitude-mask.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';

/** Two layers of 32 x 32 weights, the second ten times as large as the first; the second may be shared with an Add. */
function twoLayers(shared = false): Model {
  const random = seededRandom(1);
  const weights = (scale: number) =>
    tensorFromElements(
      'float32',
      [32, 32],
      Float32Array.from({ length: 1024 }, () => scale * random.normal()),
    );
  const graph = new Graph('g');
  const x = graph.addInput('x', tensorType('float32', [32, 32]));
  const first = graph.append({ op: 'MatMul', name: 'first', inputs: [x, graph.addConstant(weights(1), 'w1')] });
  const w2 = graph.addConstant(weights(10), 'w2');
  const second = graph.append({ op: 'Gemm', name: 'second', inputs: [first.outputs[0], w2] });
  const last = shared ? graph.append({ op: 'Add', inputs: [second.outputs[0], w2] }) : second;
  graph.addOutput(last.outputs[0]!, 'y');
  return {
    graph,
    functions: [],
    irVersion: 8,
    opsetImports: new Map([['', 17]]),
    producerName: '',
    producerVersion: '',
    domain: '',
    modelVersion: 0n,
    trainingInfo: [],
    extra: undefined,
  };
}

function prune(options: Record<string, unknown>, model = twoLayers()) {
  const { records, diagnostics } = runPipeline(model, [step('prune-magnitude', options)], { passes: PASSES });
  const again = runPipeline(model, [step('prune-magnitude', options)], { passes: PASSES }).records[0]!;
  const share = Object.fromEntries(
    [...model.graph.constants()].map((value) => [value.name, sparsityOf(toFloat32(value.constant!))]),
  );
  return { share, record: records[0]!, again, diagnostics, model };
}

describe('prune-magnitude', () => {
  it('prunes each layer by itself', () => {
    const { share, record, again } = prune({ sparsity: 0.5 });
    expect(share).toEqual({ w1: 0.5, w2: 0.5 });
    expect(record.counts).toMatchObject({ 'layers pruned': 2, 'weights set to zero': 1024, 'weights zero': 1024 });
    expect(again.changed).toBe(false);
  });

  it('prunes over all layers together, where the small weights are', () => {
    const { share } = prune({ sparsity: 0.5, scope: 'global' });
    expect(share.w1).toBeGreaterThan(0.85);
    expect(share.w2).toBeLessThan(0.15);
    expect((share.w1! + share.w2!) / 2).toBe(0.5);
  });

  it('prunes 2:4 along the axis that is summed over', () => {
    const { share, model, again } = prune({ structure: '2:4' });
    expect(share).toEqual({ w1: 0.5, w2: 0.5 });
    const values = toFloat32([...model.graph.constants()][0]!.constant!);
    for (let column = 0; column < 32; column++) {
      for (let row = 0; row < 32; row += 4) {
        const zeros = [0, 1, 2, 3].filter((i) => values[(row + i) * 32 + column] === 0);
        expect(zeros.length).toBe(2);
      }
    }
    expect(again.changed).toBe(false);
  });

  it.each([[['first']], [['MatMul']], [['w1']], [['f*']]])('leaves excluded layers alone: %j', (exclude) => {
    expect(prune({ sparsity: 0.5, exclude }).share).toEqual({ w1: 0, w2: 0.5 });
  });

  it('leaves small weights alone', () => {
    expect(prune({ sparsity: 0.5, minElements: 1025 }).record.changed).toBe(false);
  });

  it('leaves weights alone that something else reads, and says so', () => {
    const { share, diagnostics } = prune({ sparsity: 0.5 }, twoLayers(true));
    expect(share).toEqual({ w1: 0.5, w2: 0 });
    expect(diagnostics).toMatchObject([{ code: 'prune-shared-weight', at: 'w2' }]);
  });

  it.each(['4:2', '0:4', 'half', '2:4:8', ''])('refuses the structure %j', (structure) => {
    expect(() => prune({ structure })).toThrow();
  });
});
