import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../../src/files/open-model-file.ts';
import { planArena } from '../../../src/targets/device/arena-plan.ts';
import { lowerToTflite } from '../../../src/targets/device/lower-to-tflite.ts';
import type { TfGraph, TfOperator, TfTensor } from '../../../src/targets/device/tflite/tf-graph.ts';

function tensor(name: string, bytes: number): TfTensor {
  return { name, type: 'int8', shape: [bytes], data: undefined, quantization: undefined };
}

/** A chain of operators over tensors of so many bytes each. */
function chain(...sizes: readonly number[]): TfGraph {
  const tensors = sizes.map((bytes, i) => tensor(`t${i}`, bytes));
  const operators = tensors
    .slice(1)
    .map((output, i): TfOperator => ({ name: 'RELU', inputs: [tensors[i]], outputs: [output], options: {} }));
  return {
    name: 'chain',
    inputs: [{ name: 'x', tensor: tensors[0]! }],
    outputs: [{ name: 'y', tensor: tensors.at(-1)! }],
    operators,
  };
}

describe('the plan of an arena', () => {
  it('shares the place of activations that are not alive together', () => {
    expect(planArena(chain(64, 128, 64, 128)).activations).toBe(192);
  });

  it('begins every buffer at a multiple of 16 bytes', () => {
    expect(planArena(chain(1, 17)).activations).toBe(48);
  });

  it('keeps what is read again later', () => {
    const { inputs, outputs, operators } = chain(64, 64, 64, 64);
    const last = operators[2]!;
    const again: TfOperator = { ...last, inputs: [...last.inputs, inputs[0]!.tensor] };
    const graph = { name: 'skip', inputs, outputs, operators: [operators[0]!, operators[1]!, again] };
    expect(planArena(graph).activations).toBe(192);
  });

  it('lays equal buffers out from the last to the first, as the interpreter does', () => {
    // 6 is placed first, then of the equal ones the later; the earlier has no room between them.
    expect(planArena(chain(96, 64, 64, 128)).activations).toBe(256);
  });

  it('suffices for what TensorFlow Lite Micro was seen to take, and not by much', async () => {
    const path = join(resolve(import.meta.dirname, '../../../fixtures'), 'models/digits-convnet.onnx');
    const lowering = lowerToTflite(await openModelFile(path));
    if (lowering.kind === 'refused') throw new Error(lowering.report.refused[0]?.message);
    const { activations, bytes } = planArena(lowering.graph);
    // Its own allocator's account of this graph: 53,888 bytes for activations, and 64,639 as the least arena that loads.
    expect(activations).toBe(53_888);
    expect(bytes).toBeGreaterThanOrEqual(64_639);
    expect(bytes).toBeLessThan(1.2 * 64_639);
  });
});
