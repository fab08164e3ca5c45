import { text, textOf } from '../../ir/attribute.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

const GRID_SAMPLE_MODES: Readonly<Record<string, string>> = { bilinear: 'linear', bicubic: 'cubic' };

/** GridSample, opset 20: its modes go by the names that they have for any number of dimensions. */
export const gridSampleModes: OpsetAdapter = (node, graph) => {
  const renamed = GRID_SAMPLE_MODES[textOf(node, 'mode') ?? ''];
  if (renamed !== undefined) graph.setAttribute(node, 'mode', text(renamed));
  return undefined;
};

/** As above, on the way down. */
export const gridSampleOldModes: OpsetAdapter = (node, graph) => {
  const mode = textOf(node, 'mode') ?? 'linear';
  const [before] = Object.entries(GRID_SAMPLE_MODES).find(([, now]) => now === mode) ?? [mode];
  graph.setAttribute(node, 'mode', text(before));
  return undefined;
};

const OLD_COORDINATES = 'output_half_pixel';

/** RoiAlign, opset 16: says how coordinates are found, which had been one way. */
export const roiAlignCoordinates: OpsetAdapter = (node, graph) => {
  graph.setAttribute(node, 'coordinate_transformation_mode', text(OLD_COORDINATES));
  return undefined;
};

/** As above, on the way down. */
export const roiAlignWithoutCoordinates: OpsetAdapter = (node, graph) => {
  if (textOf(node, 'coordinate_transformation_mode') !== OLD_COORDINATES)
    return `RoiAlign before opset 16 knows no coordinates but ${OLD_COORDINATES}`;
  graph.setAttribute(node, 'coordinate_transformation_mode', undefined);
  return undefined;
};
