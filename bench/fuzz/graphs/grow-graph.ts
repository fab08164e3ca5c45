import { ARITHMETIC_STEPS } from './arithmetic-steps.ts';
import { CONTROL_STEPS } from './control-steps.ts';
import type { GraphMaker } from './graph-maker.ts';
import { IDIOM_STEPS } from './idiom-steps.ts';
import { LAYER_STEPS } from './layer-steps.ts';
import { MOVEMENT_STEPS } from './movement-steps.ts';

/** Lets a graph grow by so many steps, each drawn by its weight. */
export function growGraph(maker: GraphMaker, steps: number): void {
  const all = [...ARITHMETIC_STEPS, ...MOVEMENT_STEPS, ...LAYER_STEPS, ...CONTROL_STEPS, ...IDIOM_STEPS];
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  for (let done = 0; done < steps; done++) {
    let at = maker.int(total);
    const step = all.find(({ weight }) => {
      at -= weight;
      return at < 0;
    });
    step?.run(maker);
  }
}
