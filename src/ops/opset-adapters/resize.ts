import { floatsOf, text, textOf } from '../../ir/attribute.ts';
import { copiedAttributes } from '../../ir/copy-attribute.ts';
import { tensorFromNumbers, toNumbers } from '../../ir/tensor.ts';
import { replaceNode, setConstantOperand } from './edit-node.ts';
import type { OpsetAdapter } from './opset-adapter.ts';

/** Upsample, opset 9: the scales. */
export const upsampleOperand: OpsetAdapter = (node, graph) => {
  const scales = floatsOf(node, 'scales');
  if (scales === undefined) return 'it has no scales';
  graph.setAttribute(node, 'scales', undefined);
  setConstantOperand(graph, node, 1, 'scales', tensorFromNumbers('float32', [scales.length], scales));
  return undefined;
};

/** Upsample, opset 10: became Resize, with the same operands. */
export const upsampleToResize: OpsetAdapter = (node, graph) => {
  replaceNode(graph, node, { op: 'Resize', inputs: node.inputs.slice(1), attributes: copiedAttributes(node) });
  return undefined;
};

/**
 * Resize, opset 11: says how coordinates are found. What opset 10 left open is taken as ONNX Runtime does it:
 * asymmetric coordinates; the nearest element is the one below when enlarging and the one above when shrinking.
 */
export const resizeCoordinates: OpsetAdapter = (node, graph) => {
  const mode = textOf(node, 'mode') ?? 'nearest';
  const scales = node.inputs[1]?.constant;
  const attributes = { mode: text(mode), coordinate_transformation_mode: text('asymmetric') };
  if (mode !== 'nearest') {
    replaceNode(graph, node, { op: 'Resize', inputs: [undefined, node.inputs[1]], attributes });
    return undefined;
  }
  if (scales === undefined) return 'its scales are computed at run time, and the nearest element depends on them';
  const factors = toNumbers(scales);
  const enlarges = factors.every((factor) => factor >= 1);
  if (!enlarges && !factors.every((factor) => factor <= 1)) return 'it enlarges one axis and shrinks another';
  replaceNode(graph, node, {
    op: 'Resize',
    inputs: [undefined, node.inputs[1]],
    attributes: { ...attributes, nearest_mode: text(enlarges ? 'floor' : 'ceil') },
  });
  return undefined;
};
