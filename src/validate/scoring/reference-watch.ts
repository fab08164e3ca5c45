import { type Diagnostic, warning } from '../../diagnostics/diagnostic.ts';
import type { OutputContent, OutputContents } from './output-content.ts';

/** Watches for NaN in the reference's own outputs, which nothing can be compared with. */
export function referenceWatch(name: string): {
  look(outputs: OutputContents, at: string): void;
  findings(samples: number): readonly Diagnostic[];
} {
  let count = 0;
  let first: string | undefined;
  return {
    look(outputs, at) {
      if (![...outputs.values()].some(hasNaN)) return;
      count++;
      first ??= at;
    },
    findings: (samples) =>
      count === 0
        ? []
        : [
            warning({
              code: 'validate-reference-not-finite',
              message: `${name} itself gives NaN on ${count} of ${samples} samples, the first ${first}; such elements are not compared`,
              at: name,
              hint: 'check the data and the model before trusting any comparison',
            }),
          ],
  };
}

function hasNaN(content: OutputContent): boolean {
  if (content.nature !== 'numbers') return false;
  for (let i = 0; i < content.values.length; i++) if (Number.isNaN(content.values[i])) return true;
  return false;
}
