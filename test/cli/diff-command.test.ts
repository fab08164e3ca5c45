import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import type { ModelDiff } from '../../src/inspect/diff/model-diff.ts';
import { tensorFromElements } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { ATTENTION, CONVNET, VALIDATION } from './fixture-paths.ts';
import { errorCodes, runCommand } from './run-command.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

async function save(name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  await saveModelFile(parseModel(text), path);
  return path;
}

async function diff(...argv: readonly string[]): Promise<ModelDiff & { readonly code: number }> {
  const { code, stdout, stderr } = await runCommand('diff', ...argv, '--json');
  expect(stderr).toBe('');
  return { code, ...(JSON.parse(stdout) as ModelDiff) };
}

const HEAD = '<ir_version: 8, opset_import: ["" : 17]>';

describe('optimize diff', () => {
  it('finds nothing between a model and its copy, whatever its constants are called', async () => {
    const copy = join(folder, 'copy.onnx');
    const model = await openModelFile(CONVNET);
    for (const constant of [...model.graph.constants()]) model.graph.rename(constant, `renamed_${constant.name}`);
    await saveModelFile(model, copy);
    const found = await diff(CONVNET, copy, '--data', VALIDATION);
    expect(found).toMatchObject({ code: 0, same: true, interface: [], operators: [] });
    expect(found.answers?.outputs.every(({ maxRelativeError }) => maxRelativeError === 0)).toBe(true);
  });

  it('names the nodes that changed, came and went', async () => {
    const a = await save('a', `${HEAD} g (float[4] x) => (float[4] y) { h = Relu(x)  i = Neg(h)  y = Abs(i) }`);
    const b = await save('b', `${HEAD} g (float[4] x) => (float[4] y) { h = Sigmoid(x)  y = Abs(h)  z = Neg(h) }`);
    const { code, nodes, operators, answers } = await diff(a, b);
    expect(code).toBe(1);
    expect(nodes).toMatchObject({
      same: 0,
      changed: [
        { value: 'h', a: 'Relu(x)', b: 'Sigmoid(x)' },
        { value: 'y', a: 'Abs(i)', b: 'Abs(h)' },
      ],
      onlyA: ['Neg i'],
      onlyB: ['Neg z'],
    });
    expect(operators).toEqual([
      { operator: 'Relu', a: 1, b: 0 },
      { operator: 'Sigmoid', a: 0, b: 1 },
    ]);
    expect(answers?.outputs[0]?.maxRelativeError).toBeGreaterThan(0);
  });

  it('sees one changed weight, in the nodes and in the answers', async () => {
    const model = await openModelFile(ATTENTION);
    const { graph } = model;
    const weight = [...graph.constants()].find(({ constant }) => constant?.dtype === 'float32')!;
    const { dims } = weight.constant!;
    const zeros = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
    graph.replaceAllUses(weight, graph.addConstant(tensorFromElements('float32', dims, zeros), weight.name));
    graph.eraseValue(weight);
    const changed = join(folder, 'changed.onnx');
    await saveModelFile(model, changed);
    const found = await diff(ATTENTION, changed);
    expect(found).toMatchObject({ code: 1, weights: { onlyA: 1, onlyB: 1 } });
    expect(found.nodes.changed).toHaveLength(weight.uses.size || 1);
  });

  it('tells another interface, and why the two cannot be run on the same inputs', async () => {
    const a = await save('one', `${HEAD} g (float[4] x) => (float[4] y) { y = Relu(x) }`);
    const b = await save('other', `${HEAD} g (int64[4] z) => (int64[4] y) { y = Abs(z) }`);
    const found = await diff(a, b);
    expect(found.interface).toEqual([
      { port: 'input x', a: '0: float32[4]', b: null },
      { port: 'input z', a: null, b: '0: int64[4]' },
      { port: 'output y', a: '0: float32[4]', b: '0: int64[4]' },
    ]);
    expect(found.answers?.reason).not.toBeNull();
  });

  it('writes text for people, and compares files alone where that is asked for', async () => {
    const a = await save('text-a', `${HEAD} g (float[4] x) => (float[4] y) { y = Relu(x) }`);
    const b = await save('text-b', `${HEAD} g (float[4] x) => (float[4] y) { y = Abs(x) }`);
    const { stdout } = await runCommand('diff', a, b, '--no-run');
    expect(stdout).toContain('Nodes that changed (1; 0 are the same)');
    expect(stdout).toContain('The models differ.');
    expect(stdout).not.toContain('Answers');
  });

  it('refuses a file that is not there', async () => {
    expect(errorCodes(await runCommand('diff', CONVNET, 'missing.onnx'))).toEqual(['onnx-file-missing']);
  });
});
