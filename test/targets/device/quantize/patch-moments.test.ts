import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/random/seeded-random.ts';
import { patchLayout, patchMoments } from '../../../../src/targets/device/quantize/patch-moments.ts';
import type { OperatorName } from '../../../../src/targets/device/tflite/builtin-operators.ts';
import type { TfOperator, TfTensor } from '../../../../src/targets/device/tflite/tf-graph.ts';

const tensor = (name: string, shape: readonly number[]): TfTensor => ({
  name,
  type: 'float32',
  shape,
  data: undefined,
  quantization: undefined,
});

function layer(name: OperatorName, shapes: readonly (readonly number[])[], options: TfOperator['options'] = {}) {
  const [x, weights, result] = shapes.map((shape, k) => tensor(`t${k}`, shape));
  return { name, inputs: [x, weights], outputs: [result!], options } satisfies TfOperator;
}

const SAME = { padding: 0, stride_h: 2, stride_w: 2 };
const VALID = { padding: 1, stride_h: 1, stride_w: 1, dilation_h_factor: 2 };

describe('patchMoments', () => {
  // The first input of the patch of the result at 1, 1, in the input.
  it.each([
    [
      'CONV_2D',
      layer(
        'CONV_2D',
        [
          [1, 6, 6, 4],
          [5, 3, 3, 4],
          [1, 3, 3, 5],
        ],
        SAME,
      ),
      1,
      36,
      (2 * 6 + 2) * 4,
    ],
    [
      'CONV_2D in groups',
      layer(
        'CONV_2D',
        [
          [1, 6, 6, 4],
          [6, 3, 3, 2],
          [1, 3, 3, 6],
        ],
        SAME,
      ),
      2,
      18,
      (2 * 6 + 2) * 4,
    ],
    [
      'DEPTHWISE_CONV_2D',
      layer(
        'DEPTHWISE_CONV_2D',
        [
          [1, 6, 6, 4],
          [1, 3, 3, 8],
          [1, 2, 4, 8],
        ],
        VALID,
      ),
      4,
      9,
      7 * 4,
    ],
    [
      'FULLY_CONNECTED',
      layer('FULLY_CONNECTED', [
        [6, 24],
        [3, 24],
        [6, 3],
      ]),
      1,
      24,
      24,
    ],
  ] as const)('of %s are those of what its weights multiply', (_, operator, groups, size, second) => {
    const layout = patchLayout(operator)!;
    expect(layout).toMatchObject({ groups, size });
    const { shape } = operator.outputs[0]!;
    const width = shape.length === 4 ? shape[2]! : 0;
    expect(layout.placesOf(0, width + 1)[0]).toBe(second);
    const random = seededRandom(3);
    const values = Float32Array.from({ length: 144 }, () => random.next());
    const moments = patchMoments(layout);
    moments.observe(values, 1000);
    for (let group = 0; group < groups; group++) {
      const patches = Array.from({ length: layout.positions }, (_, at) =>
        Float64Array.from(layout.placesOf(group, at), (place) => (place < 0 ? 0 : values[place]!)),
      );
      const means = patches[0]!.map((_, i) => patches.reduce((sum, patch) => sum + patch[i]!, 0) / patches.length);
      const covariance = patches.reduce((sum, patch) => sum + (patch[0]! - means[0]!) * (patch[5]! - means[5]!), 0);
      expect(moments.means(group)[5]).toBeCloseTo(means[5]!, 10);
      expect(moments.centered(group).products[5]).toBeCloseTo(covariance, 10);
      expect(moments.centered(group).products[5 * size]).toBeCloseTo(covariance, 10);
      expect(moments.centered(group).count).toBe(layout.positions);
    }
  });

  it('pads before and after as the kernels do', () => {
    const odd = patchLayout(
      layer(
        'CONV_2D',
        [
          [1, 5, 5, 1],
          [1, 3, 3, 1],
          [1, 3, 3, 1],
        ],
        SAME,
      ),
    )!;
    expect([...odd.placesOf(0, 0)]).toEqual([-1, -1, -1, -1, 0, 1, -1, 5, 6]);
    const even = patchLayout(
      layer(
        'CONV_2D',
        [
          [1, 6, 6, 1],
          [1, 3, 3, 1],
          [1, 3, 3, 1],
        ],
        SAME,
      ),
    )!;
    expect([...even.placesOf(0, 8)]).toEqual([28, 29, -1, 34, 35, -1, -1, -1, -1]);
  });

  it('takes no more results of a sample than it is told', () => {
    const moments = patchMoments(
      patchLayout(
        layer('CONV_2D', [
          [1, 9, 9, 1],
          [1, 1, 1, 1],
          [1, 9, 9, 1],
        ]),
      )!,
    );
    moments.observe(new Float32Array(81).fill(1), 10);
    expect(moments.centered(0).count).toBe(10);
  });

  it('knows no other operators', () => {
    expect(patchLayout(layer('TRANSPOSE_CONV', [[4], [1, 3, 3, 1], [1, 3, 3, 1]]))).toBeUndefined();
  });
});
