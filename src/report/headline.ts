import { formatBytes, formatEstimate, formatRatio } from './format-figures.ts';
import type { Report } from './report-schema.ts';

/**
 * The result in a sentence: `digits: 320 kB -> 90.1 kB`, and whether it is faster, slower, or cannot be told from the
 * source.
 */
export function headline(report: Report): string {
  const [source, result] = report.variants;
  if (source?.size == null || result?.size == null) return report.source.name;
  const sizes = `${report.source.name}: ${formatBytes(source.size.raw)} -> ${formatBytes(result.size.raw)}`;
  const { speedup } = result.latency ?? {};
  if (speedup?.low == null || speedup.high == null) return sizes;
  const figure = formatEstimate(speedup, formatRatio);
  if (speedup.low > 1) return `${sizes}, faster: ${figure}`;
  if (speedup.high < 1) return `${sizes}, slower: ${figure}`;
  return `${sizes}, no faster and no slower that could be measured: ${figure}`;
}
