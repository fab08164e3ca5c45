import { graphBuilder } from '../../fixtures/export/graph-builder.ts';
import type { ByteSource } from '../../src/bytes/byte-source.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';

/** The size of a large perceptron: `layers` square matrices of `width` by `width` floats, with a Relu after each. */
export interface LargePerceptronOptions {
  readonly layers: number;
  readonly width: number;
  readonly seed: number;
}

/** Layers that hold the same bytes, as models with tied weights do. */
const TIED_LAYERS = [1, 2] as const;

/**
 * A perceptron with random weights that are made when they are read, and never held: [N, width] to [N, width]. The bytes
 * of two layers are equal.
 */
export function largePerceptron({ layers, width, seed }: LargePerceptronOptions): Model {
  const build = graphBuilder('large-perceptron', 'features', ['N', width]);
  let value = build.input;
  for (let layer = 0; layer < layers; layer++) {
    const drawn = layer === TIED_LAYERS[1] ? TIED_LAYERS[0] : layer;
    const source = randomFloats(`layer${layer}`, width, seed + drawn);
    const storage = { kind: 'slice', source, offset: 0, length: source.size } as const;
    const tensor: Tensor = { dtype: 'float32', dims: [width, width], storage };
    const weight = build.input.graph.addConstant(tensor, `layer${layer}.weight`);
    value = build.op('Relu', `layer${layer}`, [build.op('MatMul', `layer${layer}`, [value, weight])]);
  }
  return build.finish(value, ['N', width]);
}

/**
 * Uniform floats that keep the mean square of a layer behind a Relu as it was (He et al. 2015, arXiv:1502.01852), drawn
 * row by row: a row is `width` floats, and any run of whole or broken rows can be read alone.
 */
function randomFloats(label: string, width: number, seed: number): ByteSource {
  const rowBytes = width * 4;
  const bound = Math.sqrt(6 / width);
  const row = (index: number): Uint8Array => {
    const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ index);
    const values = new Float32Array(width);
    for (let i = 0; i < width; i++) values[i] = (random.next() * 2 - 1) * bound;
    return new Uint8Array(values.buffer);
  };
  return {
    label,
    size: width * rowBytes,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let at = offset; at < offset + length; ) {
        const start = at % rowBytes;
        const piece = row(Math.floor(at / rowBytes)).subarray(start, Math.min(rowBytes, start + offset + length - at));
        bytes.set(piece, at - offset);
        at += piece.byteLength;
      }
      return bytes;
    },
  };
}
