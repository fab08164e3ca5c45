import { cloneModel } from '../../ir/clone.ts';
import type { Model } from '../../ir/model.ts';
import type { ResolvedOptions } from '../optimize-options.ts';
import { dropUnusedInputs } from './drop-unused-inputs.ts';
import { bindSizes } from './fix-shapes.ts';
import { fixValues } from './fix-values.ts';
import { renamePorts } from './rename-ports.ts';

/** The options that change what a model takes and gives. */
export type InterfaceOptions = Pick<
  ResolvedOptions,
  'fixShape' | 'fixValue' | 'bind' | 'rename' | 'dropUnusedInputs' | 'freezeOverridable'
>;

/**
 * A copy of a model with another interface, where the options ask for one; nothing else about it changes. Without such
 * options names, order, types and open sizes of inputs and outputs stay as they are, and the model itself comes back.
 *
 * @throws ModelpressError `interface-unknown-name`, `interface-shape`, `interface-value`, `interface-name-taken`.
 */
export function changeInterface(source: Model, options: InterfaceOptions): Model {
  const { fixShape, fixValue, bind, rename } = options;
  const asked = [fixShape, fixValue, bind, rename].some((record) => Object.keys(record).length > 0);
  if (!asked && !options.dropUnusedInputs && !options.freezeOverridable) return source;
  const { model } = cloneModel(source);
  const { graph } = model;
  if (options.freezeOverridable)
    for (const input of [...graph.inputs]) if (input.initial !== undefined) graph.freezeInput(input);
  // Shapes, sizes and values are given for the names that the file has.
  bindSizes(graph, fixShape, bind);
  fixValues(graph, fixValue);
  if (options.dropUnusedInputs) dropUnusedInputs(model);
  renamePorts(graph, rename);
  return model;
}
