import { type GraphBuilder, graphBuilder } from '../../fixtures/export/graph-builder.ts';
import { float, int, ints } from '../../src/ir/attribute.ts';
import type { Model } from '../../src/ir/model.ts';
import { elementCount, type Tensor, tensorFromElements } from '../../src/ir/tensor.ts';
import type { Value } from '../../src/ir/value.ts';
import { type Random, seededRandom } from '../../src/random/seeded-random.ts';

/** Height and width of the input in pixels. */
export const IMAGE_SIZE = 64;
const CLASSES = 100;
const STEM = 32;

/** Channels and blocks of the stages; each but the first halves the image. Together about a million weights, 4 MB. */
const STAGES: readonly { readonly channels: number; readonly blocks: number }[] = [
  { channels: 32, blocks: 2 },
  { channels: 64, blocks: 2 },
  { channels: 128, blocks: 3 },
];

/** A residual network (He et al. 2015, arXiv:1512.03385) for 64 x 64 pixels with random weights, as exporters write it. */
export function residualNet(seed: number): Model {
  const build = graphBuilder('residual-net', 'image', ['N', 3, IMAGE_SIZE, IMAGE_SIZE]);
  const random = seededRandom(seed);
  let value = relu(
    build,
    'stem',
    convolution(build, random, 'stem', build.input, { from: 3, to: STEM, kernel: 3, stride: 1 }),
  );
  let channels = STEM;
  for (const [stage, { channels: to, blocks }] of STAGES.entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      value = residualBlock(build, random, `stage${stage}.${block}`, value, { from: channels, to, stride });
      channels = to;
    }
  }
  const pooled = build.op('Flatten', 'head', [build.op('GlobalAveragePool', 'head', [value])], { axis: int(1) });
  const weight = build.weight('head.weight', [CLASSES, channels], normal(random, CLASSES * channels, channels));
  const bias = build.weight('head.bias', [CLASSES], new Float32Array(CLASSES));
  return build.finish(build.op('Gemm', 'head', [pooled, weight, bias], { transB: int(1) }), ['N', CLASSES]);
}

/** Random images that vary smoothly, as pictures do: [count, 3, 64, 64]. */
export function smoothImages(count: number, seed: number): Tensor {
  const random = seededRandom(seed);
  const dims = [count, 3, IMAGE_SIZE, IMAGE_SIZE];
  const pixels = new Float32Array(elementCount(dims));
  const plane = IMAGE_SIZE * IMAGE_SIZE;
  for (let start = 0; start < pixels.length; start += plane) {
    const [across, down, phase] = [random.normal() / 8, random.normal() / 8, random.next() * 2 * Math.PI];
    for (let y = 0; y < IMAGE_SIZE; y++) {
      for (let x = 0; x < IMAGE_SIZE; x++) {
        pixels[start + y * IMAGE_SIZE + x] = Math.sin(x * across + y * down + phase) + random.normal() / 8;
      }
    }
  }
  return tensorFromElements('float32', dims, pixels);
}

function residualBlock(
  build: GraphBuilder,
  random: Random,
  path: string,
  input: Value,
  { from, to, stride }: { readonly from: number; readonly to: number; readonly stride: number },
): Value {
  const first = convolution(build, random, `${path}.conv1`, input, { from, to, kernel: 3, stride });
  const second = convolution(build, random, `${path}.conv2`, relu(build, path, first), {
    from: to,
    to,
    kernel: 3,
    stride: 1,
  });
  const skip =
    from === to && stride === 1
      ? input
      : convolution(build, random, `${path}.shortcut`, input, { from, to, kernel: 1, stride });
  return relu(build, path, build.op('Add', path, [second, skip]));
}

/** Conv without bias, and BatchNormalization. */
function convolution(
  build: GraphBuilder,
  random: Random,
  path: string,
  input: Value,
  {
    from,
    to,
    kernel,
    stride,
  }: { readonly from: number; readonly to: number; readonly kernel: number; readonly stride: number },
): Value {
  const inputs = from * kernel * kernel;
  const weight = build.weight(`${path}.weight`, [to, from, kernel, kernel], normal(random, to * inputs, inputs));
  const pad = (kernel - 1) / 2;
  const convolved = build.op('Conv', path, [input, weight], {
    kernel_shape: ints([kernel, kernel]),
    pads: ints([pad, pad, pad, pad]),
    strides: ints([stride, stride]),
  });
  const statistic = (name: string, value: () => number): Value =>
    build.weight(`${path}.bn.${name}`, [to], Float32Array.from({ length: to }, value));
  const parameters = [
    statistic('weight', () => 1 + random.normal() / 8),
    statistic('bias', () => random.normal() / 8),
    statistic('mean', () => random.normal() / 8),
    statistic('variance', () => 1 + random.next()),
  ];
  return build.op('BatchNormalization', path, [convolved, ...parameters], { epsilon: float(1e-5) });
}

function relu(build: GraphBuilder, path: string, input: Value): Value {
  return build.op('Relu', path, [input]);
}

/** Weights of the variance that keeps that of the activations behind a Relu (He et al. 2015, arXiv:1502.01852). */
function normal(random: Random, count: number, inputs: number): Float32Array {
  const deviation = Math.sqrt(2 / inputs);
  return Float32Array.from({ length: count }, () => random.normal() * deviation);
}
