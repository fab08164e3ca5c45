import { describe, expect, it } from 'vitest';
import { changeInterface, type InterfaceOptions } from '../../../src/compile/interface/change-interface.ts';
import { resolveOptions } from '../../../src/compile/optimize-options.ts';
import type { ModelpressError } from '../../../src/diagnostics/modelpress-error.ts';
import { toNumbers } from '../../../src/ir/tensor.ts';
import { parseModel } from '../../../src/ir/text/parse.ts';
import { formatType } from '../../../src/ir/value-type.ts';
import { verify } from '../../../src/ir/verify.ts';

const source = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  g (float[N,3,H,W] image, float[N] weight, float[2] unused, float[1] scale = {2}) => (float[N,3,H,W] y, float[N] z) {
    dead = Neg(unused)  a = Mul(image, scale)  y = Relu(a)  z = Abs(weight)
  }`);

function changed(options: Partial<InterfaceOptions>): { inputs: string[]; outputs: string[] } {
  const model = changeInterface(source, { ...resolveOptions({}), ...options });
  expect(verify(model)).toEqual([]);
  return {
    inputs: model.graph.inputs.map(({ name, type }) => `${name} ${formatType(type)}`),
    outputs: model.graph.outputs.map(({ name, declared }) => `${name} ${formatType(declared)}`),
  };
}

describe('changeInterface', () => {
  it('gives the model itself back where nothing is asked for', () => {
    expect(changeInterface(source, resolveOptions({}))).toBe(source);
  });

  it('fixes a whole shape, and its symbols wherever inputs and outputs have them', () => {
    expect(changed({ fixShape: { image: [2, 3, 8, 4] } })).toEqual({
      inputs: ['image float32[2,3,8,4]', 'weight float32[2]', 'unused float32[2]', 'scale float32[1]'],
      outputs: ['y float32[2,3,8,4]', 'z float32[2]'],
    });
  });

  it('fixes sizes by their symbols', () => {
    expect(changed({ bind: { N: 1 } })).toMatchObject({ outputs: ['y float32[1,3,H,W]', 'z float32[1]'] });
  });

  it('makes inputs constants of the numbers given', () => {
    const { inputs, outputs } = changed({ fixValue: { scale: [3], unused: [1, 2] }, bind: { N: 2 } });
    expect(inputs.map((text) => text.split(' ')[0])).toEqual(['image', 'weight']);
    expect(outputs).toHaveLength(2);
    const { graph } = changeInterface(source, {
      ...resolveOptions({}),
      fixValue: { weight: [0.5] },
      fixShape: { weight: [2] },
    });
    const [abs] = [...graph.nodes()].filter((node) => node.op === 'Abs');
    expect(toNumbers(abs!.inputs[0]!.constant!)).toEqual([0.5, 0.5]);
  });

  it('takes away inputs that only dead nodes read, and no others', () => {
    expect(changed({ dropUnusedInputs: true }).inputs.map((text) => text.split(' ')[0])).toEqual([
      'image',
      'weight',
      'scale',
    ]);
  });

  it('turns inputs with a default into constants', () => {
    expect(changed({ freezeOverridable: true }).inputs).not.toContain('scale float32[1]');
  });

  it('renames inputs and outputs, by the names of the file', () => {
    const { inputs, outputs } = changed({ rename: { image: 'pixels', z: 'image' }, fixShape: { image: [1, 3, 2, 2] } });
    expect(inputs[0]).toBe('pixels float32[1,3,2,2]');
    expect(outputs[1]).toBe('image float32[1]');
  });

  it('leaves the source as it was', () => {
    changed({ rename: { image: 'pixels' }, freezeOverridable: true, bind: { N: 3 } });
    expect(source.graph.inputs.map(({ name, type }) => `${name} ${formatType(type)}`)[0]).toBe(
      'image float32[N,3,H,W]',
    );
    expect(source.graph.inputs).toHaveLength(4);
  });

  it.each<[string, Partial<InterfaceOptions>, string]>([
    ['a shape of an input that is not there', { fixShape: { picture: [1] } }, 'interface-unknown-name'],
    ['a size that is not there', { bind: { M: 1 } }, 'interface-unknown-name'],
    ['a name that is not there', { rename: { picture: 'x' } }, 'interface-unknown-name'],
    ['another rank', { fixShape: { image: [1, 3] } }, 'interface-shape'],
    ['another fixed size', { fixShape: { image: [1, 4, 8, 8] } }, 'interface-shape'],
    ['two sizes for one symbol', { fixShape: { image: [1, 3, 8, 8], weight: [2] } }, 'interface-shape'],
    ['a size and a shape that differ', { bind: { N: 2 }, fixShape: { weight: [1] } }, 'interface-shape'],
    ['a value of an input that is not there', { fixValue: { rate: [1] } }, 'interface-unknown-name'],
    ['a value of an input whose sizes are open', { fixValue: { image: [1] } }, 'interface-value'],
    ['more numbers than elements', { fixValue: { unused: [1, 2, 3] } }, 'interface-value'],
    ['two inputs of one name', { rename: { image: 'weight' } }, 'interface-name-taken'],
  ])('refuses %s', (_, options, code) => {
    let found: string | undefined;
    try {
      changeInterface(source, { ...resolveOptions({}), ...options });
    } catch (error) {
      found = (error as ModelpressError).code;
    }
    expect(found).toBe(code);
  });
});
