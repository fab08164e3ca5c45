import type { Model } from '../../src/ir/model.ts';
import { parseModel } from '../../src/ir/parse.ts';

/** A model from a graph in the text form, of opset 17 unless said otherwise. */
export function modelWith(graph: string, opset = 17, imports = ''): Model {
  return parseModel(`<ir_version: 8, opset_import: ["" : ${opset}${imports}]>\n${graph}`);
}
