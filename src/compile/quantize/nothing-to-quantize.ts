import { counted } from '../../diagnostics/counted.ts';
import type { Model } from '../../ir/model.ts';
import { nodesWithin } from '../../ir/walk.ts';
import { weightLayoutOf } from '../../ops/weight-layout.ts';
import type { Report } from '../../report/report-schema.ts';

/** Why nothing of a model is in 8 bits: the reasons of the layers that there are, if any. */
export function nothingToQuantize({ functions }: Model, kept: NonNullable<Report['quantization']>['kept']): string {
  const within = functions.flatMap(({ graph }) => [...nodesWithin(graph)]).some((node) => weightLayoutOf(node));
  if (within) return "its layers stand in the model's own functions; --inline-functions brings them out";
  const reasons = new Map<string, number>();
  for (const { reason } of kept) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  if (reasons.size === 0) return 'it has no operator that the runtime runs on 8-bit integers, and no large weights';
  const told = [...reasons].map(([reason, count]) => `${counted(count, 'node')} because ${reason}`);
  return `its layers stay in floating point: ${told.join(', ')}`;
}
