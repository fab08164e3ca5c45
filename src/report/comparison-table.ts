import { counted } from '../diagnostics/counted.ts';
import {
  formatBytes,
  formatDrop,
  formatEstimate,
  formatMetric,
  formatMilliseconds,
  formatRatio,
  formatShare,
  NOT_MEASURED,
} from './format-figures.ts';
import type { Report, Variant } from './report-schema.ts';

/** A table of texts, ready for any renderer. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * The main table of a report: figures down the side, the source and each artifact across. Of the forms for the browser it
 * has the default; `browserTable` has them all.
 */
export function comparisonTable(report: Report): TextTable {
  const variants = comparedVariants(report);
  const rows: readonly (readonly [string, (variant: Variant) => string])[] = [
    ['runtime', (v) => v.runtime],
    ['precision', (v) => v.precision],
    ['size', (v) => (v.size === null ? NOT_MEASURED : `${formatBytes(v.size.raw)}${shareOf(v, variants[0])}`)],
    ['  gzip', (v) => (v.size === null ? NOT_MEASURED : formatBytes(v.size.gzip))],
    ['  brotli', (v) => (v.size === null ? NOT_MEASURED : formatBytes(v.size.brotli))],
    ['latency p50', (v) => (v.latency === null ? NOT_MEASURED : formatEstimate(v.latency.p50, formatMilliseconds))],
    ['  p95', (v) => (v.latency === null ? NOT_MEASURED : formatEstimate(v.latency.p95, formatMilliseconds))],
    [
      '  speed-up',
      (v) =>
        v.latency === null || v.target === 'source' ? NOT_MEASURED : formatEstimate(v.latency.speedup, formatRatio),
    ],
    ['peak memory', (v) => (v.memory === null ? NOT_MEASURED : `+${formatBytes(v.memory.peak)}`)],
    [metricName(report), (v) => (v.accuracy === null ? NOT_MEASURED : accuracyOf(v.accuracy))],
    ['  drop', (v) => dropOf(v)],
    ['  SQNR', (v) => (v.accuracy?.sqnr == null ? NOT_MEASURED : `${v.accuracy.sqnr.toFixed(1)} dB`)],
    ['MACs in int8 kernels', coverageOf],
  ];
  const kept = rows
    .map(([name, cell]) => [name, ...variants.map(cell)])
    .filter((row) => row.slice(1).some((cell) => cell !== NOT_MEASURED));
  return { head: ['', ...variants.map((variant) => variant.name)], rows: kept };
}

/** The source and what took its place in each artifact: of the forms for the browser, the default alone. */
export function comparedVariants({ variants }: Report): readonly Variant[] {
  const first = variants.find(({ target }) => target === 'browser');
  return variants.filter((variant) => variant.target !== 'browser' || variant === first);
}

/** The forms for the browser in the order in which its loader tries them; undefined where there are not several. */
export function browserTable(report: Report): TextTable | undefined {
  const variants = report.variants.filter(({ target }) => target === 'browser');
  if (variants.length < 2) return undefined;
  const columns: readonly (readonly [string, (variant: Variant) => string])[] = [
    ['file', (v) => v.file],
    ['precision', (v) => v.precision],
    ['runtime', (v) => v.runtime],
    ['brotli', (v) => (v.size === null ? NOT_MEASURED : formatBytes(v.size.brotli))],
    ['latency p50', (v) => (v.latency === null ? NOT_MEASURED : formatEstimate(v.latency.p50, formatMilliseconds))],
    ['speed-up', (v) => (v.latency === null ? NOT_MEASURED : formatEstimate(v.latency.speedup, formatRatio))],
    [metricName(report), (v) => (v.accuracy === null ? NOT_MEASURED : accuracyOf(v.accuracy))],
    ['SQNR', (v) => (v.accuracy?.sqnr == null ? NOT_MEASURED : `${v.accuracy.sqnr.toFixed(1)} dB`)],
  ];
  const kept = columns.filter(([, cell]) => variants.some((variant) => cell(variant) !== NOT_MEASURED));
  return { head: kept.map(([name]) => name), rows: variants.map((variant) => kept.map(([, cell]) => cell(variant))) };
}

/** The passes that changed something, and what each did. */
export function passTable(report: Report): TextTable {
  const changed = report.passes.filter((pass) => pass.changed || pass.undone);
  return {
    head: ['pass', 'time', 'nodes', 'bytes', 'what'],
    rows: changed.map((pass) => [
      pass.pass,
      formatMilliseconds(pass.milliseconds),
      `${pass.nodesBefore} -> ${pass.nodesAfter}`,
      pass.bytesBefore === pass.bytesAfter
        ? '='
        : `${formatBytes(pass.bytesBefore)} -> ${formatBytes(pass.bytesAfter)}`,
      pass.undone ? 'taken back' : describeCounts(pass.counts),
    ]),
  };
}

/** Counts as a phrase: `2 identities removed, 1 node folded`. */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
}

function metricName(report: Report): string {
  const accuracy = report.variants.find((variant) => variant.accuracy !== null)?.accuracy;
  if (accuracy == null) return 'accuracy';
  return accuracy.against === 'labels' ? accuracy.metric : `${accuracy.metric} against source`;
}

function shareOf(variant: Variant, source: Variant | undefined): string {
  if (variant.target === 'source' || variant.size === null || !source?.size?.raw) return '';
  return ` (${formatShare(variant.size.raw / source.size.raw, 1)})`;
}

function accuracyOf(accuracy: NonNullable<Variant['accuracy']>): string {
  const text = formatEstimate(accuracy.value, (value) => formatMetric(value, accuracy.unit));
  return accuracy.failures > 0 ? `${text}, ${accuracy.failures} samples broken` : text;
}

function coverageOf({ coverage }: Variant): string {
  if (coverage?.share == null) return NOT_MEASURED;
  const share = formatShare(coverage.share, 1);
  return coverage.uncounted === 0
    ? share
    : `${share} (${counted(coverage.uncounted, 'layer')} of unknown size not counted)`;
}

function dropOf({ accuracy, target }: Variant): string {
  if (accuracy?.drop == null || target === 'source' || accuracy.against === 'reference') return NOT_MEASURED;
  return formatEstimate(accuracy.drop, (value) => formatDrop(value, accuracy.unit));
}
