import { eliminateDeadCode } from '../../../passes/eliminate-dead-code.ts';
import type { Model } from '../../ir/model.ts';
import { isUnused } from '../../ir/value.ts';
import { step } from '../../pass/pipeline.ts';
import { runPipeline } from '../../pass/run-pipeline.ts';

/** Removes the inputs that no output depends on, with the nodes that alone read them. */
export function dropUnusedInputs(model: Model): void {
  runPipeline(model, [step(eliminateDeadCode.name)], { passes: [eliminateDeadCode] });
  for (const input of [...model.graph.inputs]) if (isUnused(input)) model.graph.eraseValue(input);
}
