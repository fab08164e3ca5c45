import { definePass } from '../src/pass/define-pass.ts';

/**
 * Turns the main graph's inputs that have a default into constants, for files that list their weights among the inputs.
 * Changes the interface: these inputs can no longer be given.
 */
export const eliminateDefaultInputs = definePass({
  name: 'eliminate-default-inputs',
  summary: 'Turn inputs that have a default into constants; they can no longer be given',
  effect: 'exact',
  options: {},
  scope: 'model',
  run(graph, { count }) {
    for (const input of [...graph.inputs]) {
      if (input.initial === undefined) continue;
      graph.freezeInput(input);
      count('inputs removed');
    }
  },
});
