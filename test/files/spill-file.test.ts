import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quantizeWeights } from '../../passes/quantize-weights.ts';
import { fail } from '../../src/diagnostics/modelpress-error.ts';
import { openSpillFile } from '../../src/files/spill-file.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { equalTensors, stringTensor, type Tensor, tensorFromElements } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { definePass } from '../../src/pass/define-pass.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();
const floats = (count: number): Tensor =>
  tensorFromElements(
    'float32',
    [count],
    Float32Array.from({ length: count }, (_, i) => i),
  );

describe('a spill file', () => {
  it('takes the bytes of tensors and gives them back', () => {
    const path = join(folder(), 'weights');
    const spill = openSpillFile(path, { from: 100 });
    const [a, b] = [floats(100), floats(2_000_000)];
    const [keptA, keptB] = [spill.keep(a), spill.keep(b)];
    expect(keptB.storage.kind).toBe('slice');
    expect(equalTensors(keptA, a)).toBe(true);
    expect(equalTensors(keptB, b)).toBe(true);
    expect(statSync(path).size).toBe(4 * 2_000_100);
    spill.close();
  });

  it('leaves alone what is small, what lies in a file already, and strings', () => {
    const spill = openSpillFile(join(folder(), 'weights'), { from: 100 });
    const kept = spill.keep(floats(100));
    for (const tensor of [floats(24), kept, stringTensor([1], ['x'.repeat(1000)])]) {
      expect(spill.keep(tensor)).toBe(tensor);
    }
    expect(spill.source.size).toBe(400);
    spill.close();
  });

  it('takes a tensor once, however often it is given', () => {
    const spill = openSpillFile(join(folder(), 'weights'), { from: 100 });
    const tensor = floats(100);
    expect(spill.keep(tensor)).toBe(spill.keep(tensor));
    expect(spill.source.size).toBe(400);
    spill.close();
  });

  it('says so when it was cut off, and refuses to take the place of a file', () => {
    const path = join(folder(), 'weights');
    const spill = openSpillFile(path, { from: 100 });
    const kept = spill.keep(floats(100));
    truncateSync(path, 50);
    expect(() => equalTensors(kept, floats(100))).toThrow(
      expect.objectContaining({ code: 'onnx-external-data-changed' }) as Error,
    );
    spill.close();
    const taken = join(folder(), 'taken');
    writeFileSync(taken, '');
    expect(() => openSpillFile(taken)).toThrow(expect.objectContaining({ code: 'files-unwritable' }) as Error);
  });
});

describe('a graph that has a place for its tensors', () => {
  const text = `<ir_version: 8, opset_import: ["": 17]>
    g (bool c, float[2,64] x) => (float[2,64] y) {
      y = If (c) < then_branch = t () => (float[2,64] u) { u = Neg(x) }, else_branch = e () => (float[2,64] u) { u = Abs(x) } >
    }`;

  it('sends there what is added to it, to graphs inside it, and to its copies', () => {
    const spill = openSpillFile(join(folder(), 'weights'), { from: 100 });
    const model = parseModel(text);
    model.graph.keepTensor = spill.keep;
    const [branch] = [...cloneModel(model).model.graph.nodes()].map((node) => node.attributes.get('then_branch'));
    if (branch?.kind !== 'graph') throw new Error('no branch');
    for (const graph of [model.graph, branch.value]) {
      expect(graph.addConstant(floats(100)).constant?.storage.kind).toBe('slice');
    }
    spill.close();
  });

  it('has a pass end in the error where the weights cannot be read or put away, not in a model without it', () => {
    for (const code of ['files-unwritable', 'onnx-external-data-changed']) {
      const model = parseModel(text);
      model.graph.keepTensor = () => fail({ code, message: 'the disk is full', hint: 'Make room.' });
      const add = definePass({
        name: 'add',
        summary: 'Adds a constant',
        effect: 'exact',
        options: {},
        run: (graph) => void graph.addConstant(floats(100)),
      });
      expect(() => runPipeline(model, [step('add')], { passes: [add], onFailure: 'undo' })).toThrow(
        expect.objectContaining({ code }) as Error,
      );
    }
  });

  it('is quantized to the same model as without, holding no weight', () => {
    const spill = openSpillFile(join(folder(), 'weights'));
    const make = () => {
      const model = parseModel(
        '<ir_version: 8, opset_import: ["": 17]> g (float[2,512] x) => (float[2,512] y) { y = Neg(x) }',
      );
      const [node] = [...model.graph.nodes()];
      const values = Float32Array.from({ length: 512 * 512 }, (_, i) => Math.sin(i));
      const weight = model.graph.addConstant(tensorFromElements('float32', [512, 512], values), 'w');
      const product = model.graph.insertBefore(node!, { op: 'MatMul', inputs: [node!.inputs[0], weight] });
      model.graph.setInput(node!, 0, product.outputs[0]);
      return model;
    };
    const [held, spilled] = [make(), make()];
    spilled.graph.keepTensor = spill.keep;
    for (const model of [held, spilled]) runPipeline(model, [step('quantize-weights')], { passes: [quantizeWeights] });
    const int8 = (model: typeof held) =>
      [...model.graph.constants()].map(({ constant }) => constant!).find(({ dtype }) => dtype === 'int8')!;
    expect(int8(spilled).storage.kind).toBe('slice');
    expect(int8(held).storage.kind).toBe('bytes');
    expect(equalTensors(int8(spilled), int8(held))).toBe(true);
    spill.close();
  });
});
