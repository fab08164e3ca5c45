import { int, intOf, ints, textOf } from '../../../ir/attribute.ts';
import type { Graph } from '../../../ir/graph.ts';
import { isOp, type Node } from '../../../ir/node.ts';
import { tensorFromNumbers } from '../../../ir/tensor.ts';
import type { Value } from '../../../ir/value.ts';
import { dtypeOf } from '../../../ir/value-type.ts';
import { dataTypeNumber } from '../../../onnx/element-types.ts';
import { staticShape } from '../layout/static-shape.ts';
import { NodeWriter } from './node-writer.ts';

/** The names of the modes: until opset 19 they are those of images, from 20 on those of any number of axes. */
const MODES: Readonly<Record<string, 'linear' | 'nearest'>> = {
  linear: 'linear',
  bilinear: 'linear',
  nearest: 'nearest',
};

/**
 * Writes GridSample on images as a Gather of the pixels around each place and their weighted sum. Bicubic sampling,
 * volumes and mirrored borders stay as they are.
 */
export function openGridSample(graph: Graph): void {
  for (const node of graph.nodes()) if (isOp(node, 'GridSample')) open(node);
}

/** An axis of the image that places are given on. */
interface Axis {
  readonly size: number;
  /** Places in pixels, [n, h, w]. */
  readonly place: Value;
}

/** A pixel of one axis beside each place, and how much of the result it makes. */
interface Neighbour {
  readonly index: Value;
  readonly weight: Value | undefined;
}

function open(node: Node): void {
  const [image, grid] = node.inputs;
  const [shape, gridShape] = [staticShape(image), staticShape(grid)];
  const mode = MODES[textOf(node, 'mode') ?? 'linear'];
  const padding = textOf(node, 'padding_mode') ?? 'zeros';
  const floats = dtypeOf(image?.type) === 'float32' && dtypeOf(grid?.type) === 'float32';
  if (shape?.length !== 4 || gridShape === undefined || mode === undefined || !floats) return;
  if (padding !== 'zeros' && padding !== 'border') return;
  const write = new NodeWriter(node);
  const [count = 0, channels = 0, height = 0, width = 0] = shape;
  const [, rows = 0, columns = 0] = gridShape;
  const axes = [width, height].map((size, k): Axis => {
    const part = write.reshape(write.slice(grid!, 3, k, k + 1), [count, rows, columns]);
    const place = placeOf(write, part, size, intOf(node, 'align_corners') === 1);
    return { size, place: padding === 'border' ? clipped(write, place, size) : place };
  });
  const [across, down] = axes.map((axis) => neighboursOf(write, axis, mode));
  const pixels = write.reshape(write.op('Transpose', [image], { perm: ints([0, 2, 3, 1]) }), [-1, channels]);
  const first = write.graph.addConstant(
    tensorFromNumbers(
      'int32',
      [count, 1, 1],
      Array.from({ length: count }, (_, k) => k * height * width),
    ),
  );
  const wide = write.graph.addConstant(tensorFromNumbers('int32', [], [width]));
  const parts = down!.flatMap((y) =>
    across!.map((x) => {
      const index = write.op('Add', [write.op('Add', [write.op('Mul', [y.index, wide]), x.index]), first]);
      const taken = write.op('Gather', [pixels, index], { axis: int(0) });
      const weight = x.weight && y.weight ? write.op('Mul', [x.weight, y.weight]) : (x.weight ?? y.weight);
      return weight === undefined ? taken : write.op('Mul', [taken, write.reshape(weight, [count, rows, columns, 1])]);
    }),
  );
  const sum = parts.reduce((a, b) => write.op('Add', [a, b]));
  write.replace([write.op('Transpose', [sum], { perm: ints([0, 3, 1, 2]) })]);
}

/** From -1 to 1 across the image to pixels: the outermost pixels' centres, or their outer edges, lie at the ends. */
function placeOf(write: NodeWriter, part: Value, size: number, corners: boolean): Value {
  const factor = write.float(corners ? (size - 1) / 2 : size / 2);
  const offset = write.float((size - 1) / 2);
  return write.op('Add', [write.op('Mul', [part, factor]), offset]);
}

function clipped(write: NodeWriter, place: Value, size: number): Value {
  return write.op('Clip', [place, write.float(0), write.float(size - 1)]);
}

/** The pixels of one axis around each place. What lies outside the image counts nothing. */
function neighboursOf(write: NodeWriter, { size, place }: Axis, mode: 'linear' | 'nearest'): readonly Neighbour[] {
  const int32 = { to: int(dataTypeNumber('int32')) };
  const low = write.op(mode === 'nearest' ? 'Round' : 'Floor', [place]);
  const share = mode === 'nearest' ? undefined : write.op('Sub', [place, low]);
  const at = (pixel: Value, weight: Value | undefined): Neighbour => {
    const inside = clipped(write, pixel, size);
    const there = write.op('Cast', [write.op('Equal', [inside, pixel])], { to: int(dataTypeNumber('float32')) });
    return {
      index: write.op('Cast', [inside], int32),
      weight: weight === undefined ? there : write.op('Mul', [weight, there]),
    };
  };
  if (share === undefined) return [at(low, undefined)];
  const one = write.float(1);
  return [at(low, write.op('Sub', [one, share])), at(write.op('Add', [low, one]), share)];
}
