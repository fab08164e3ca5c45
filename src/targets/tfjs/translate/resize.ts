import type { Translation, TranslationTable } from './translation.ts';

function resize(op: string): Translation {
  return (call) =>
    call.node(op, [call.input(0), call.integers(call.integersOf(1))], {
      align_corners: { b: call.operator.options.align_corners === true },
      half_pixel_centers: { b: call.operator.options.half_pixel_centers === true },
    });
}

export const RESIZE: TranslationTable = {
  RESIZE_BILINEAR: resize('ResizeBilinear'),
  RESIZE_NEAREST_NEIGHBOR: resize('ResizeNearestNeighbor'),
};
