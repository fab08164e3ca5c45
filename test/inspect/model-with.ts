import type { Model } from '../../src/ir/model.ts';
import { parseModel } from '../../src/ir/text/parse.ts';

/** A model from a graph in the text form, of opset 17 unless said otherwise. */
export function modelWith(graph: string, opset = 17): Model {
  return parseModel(`<ir_version: 8, opset_import: ["" : ${opset}]>\n${graph}`);
}

/** So many numbers as a text form's tensor holds them. */
export function numbers(count: number, at: (index: number) => string | number = (index) => index / 8): string {
  return Array.from({ length: count }, (_, index) => at(index)).join(', ');
}
