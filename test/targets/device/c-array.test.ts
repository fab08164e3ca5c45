import { describe, expect, it } from 'vitest';
import { cArray } from '../../../src/targets/device/c-array.ts';
import { deviceReadme, resolverMethod } from '../../../src/targets/device/device-readme.ts';

describe('cArray', () => {
  it('holds every byte, in order, with the length', () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 37) % 256);
    const { header, source } = cArray(bytes);
    const found = [...source.matchAll(/0x([0-9a-f]{2}),/g)].map(([, hex]) => Number.parseInt(hex!, 16));
    expect(found).toEqual([...bytes]);
    expect(source).toContain('alignas(16) const unsigned char g_model_data[]');
    expect(source).toContain('g_model_data_size = 40;');
    expect(header).toContain('extern const unsigned char g_model_data[];');
  });
});

describe('resolverMethod', () => {
  it.each([
    ['CONV_2D', 'AddConv2D'],
    ['FULLY_CONNECTED', 'AddFullyConnected'],
    ['DEPTHWISE_CONV_2D', 'AddDepthwiseConv2D'],
    ['ADD', 'AddAdd'],
    ['SOFTMAX', 'AddSoftmax'],
  ])('of %s is %s', (operator, method) => {
    expect(resolverMethod(operator)).toBe(method);
  });
});

describe('the README of a device artifact', () => {
  const needs = { operators: { CONV_2D: 2, SOFTMAX: 1 }, arena: { activations: 2048, bytes: 4736 } };

  it('gives a resolver with exactly the operators that are used', () => {
    const text = deviceReadme('digits', needs, true);
    expect(text).toContain('MicroMutableOpResolver<2>');
    expect(text).toContain('resolver.AddConv2D();');
    expect(text).toContain('resolver.AddSoftmax();');
    expect(text).toContain('constexpr int kArenaSize = 4736;');
  });

  it('does not speak of an array that is not there', () => {
    expect(deviceReadme('digits', needs, false)).not.toContain('model_data');
  });
});
