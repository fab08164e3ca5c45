import { browserTable, comparedVariants, comparisonTable, passTable, type TextTable } from './comparison-table.ts';
import { formatBytes, formatEstimate, formatMetric, formatMilliseconds } from './format-figures.ts';
import { fusionTable } from './fusion-table.ts';
import { headline } from './headline.ts';
import { keptTable, tuningText } from './kept-table.ts';
import type { Report } from './report-schema.ts';

/** A report as Markdown. */
export function renderMarkdown(report: Report): string {
  const { source, environment, datasets } = report;
  const lines = [
    `# ${source.name}`,
    '',
    headline(report),
    '',
    markdownTable(comparisonTable(report)),
    '',
    `Intervals are at 95%. Latency: one sample per run, source and result in turn, ${environment.cpu}, ${environment.cores} cores, ${environment.platform} ${environment.arch}, Node ${environment.node}${runtimes(environment.runtimes)}.`,
    '',
    ...datasetLines(datasets),
    ...browserLines(report),
    ...metricLines(report),
    ...fusionLines(report),
  ];
  if (report.gates.length > 0) {
    lines.push(
      '## Budgets',
      '',
      ...report.gates.map((gate) => `- ${gate.name}: **${gate.verdict}** - ${escapeMarkdown(gate.detail)}`),
      '',
    );
  }
  if (report.quantization !== null) lines.push(...quantizationLines(report.quantization));
  if (report.pruning !== null) {
    const { zeros, weights, brotliBefore, brotliAfter, structure } = report.pruning;
    lines.push(
      '## Pruning',
      '',
      `${zeros} of ${weights} weights are zero (${structure}). The zeros buy compressed size, ${formatBytes(brotliBefore)} -> ${formatBytes(brotliAfter)} with brotli; the file as it lies on disk and the speed do not change, because the runtimes have no sparse kernels.`,
      '',
    );
  }
  if (report.diagnostics.length > 0) {
    lines.push('## Warnings and notes', '');
    for (const { severity, code, message, hint } of report.diagnostics) {
      lines.push(
        `- ${severity} \`${code}\`: ${escapeMarkdown(message)}${hint === undefined ? '' : ` Next: ${escapeMarkdown(hint)}`}`,
      );
    }
    lines.push('');
  }
  lines.push('## Passes', '', markdownTable(passTable(report)), '');
  lines.push(
    '## Stages',
    '',
    ...report.stages.map(
      (stage) =>
        `- ${stage.name}: ${formatMilliseconds(stage.milliseconds)}${stage.detail === '' ? '' : `, ${escapeMarkdown(stage.detail)}`}`,
    ),
    '',
  );
  lines.push('## Files', '', ...report.files.map((file) => `- \`${file.path}\` ${formatBytes(file.bytes)}`), '');
  return lines.join('\n');
}

function quantizationLines(quantization: NonNullable<Report['quantization']>): string[] {
  const { mode, scheme, observer, quantized, kept, skipped } = quantization;
  const lines = ['## Quantization', ''];
  if (skipped !== null) return [...lines, `Not quantized: ${escapeMarkdown(skipped)}`, ''];
  const counts = Object.entries(quantized).map(([op, count]) => `${count} ${op}`);
  lines.push(
    `${mode}${scheme === null ? '' : `, ${scheme}`}${observer === null ? '' : `, ranges by ${observer}`}. Quantized: ${counts.join(', ') || 'nothing'}.`,
    '',
  );
  const tuning = tuningText(quantization);
  if (tuning !== undefined) lines.push(tuning, '');
  if (kept.length > 0) {
    lines.push(`Kept in floating point: ${kept.length} nodes.`, '');
    lines.push(markdownTable(keptTable(kept)), '');
  }
  return lines;
}

/** The forms for the browser, of which the table above has the default. */
function browserLines(report: Report): string[] {
  const table = browserTable(report);
  if (table === undefined) return [];
  const how = 'In the order in which the loader tries them. Speed-up: against the source in onnxruntime-web, in turn.';
  return ['## In the browser', '', markdownTable(table), '', how, ''];
}

/** Every metric against the labels, of the source's successor; classes are in report.json. */
function metricLines(report: Report): string[] {
  const measured = comparedVariants(report).filter(({ accuracy }) => (accuracy?.metrics?.length ?? 0) > 1);
  if (measured.length === 0) return [];
  const names = [...new Set(measured.flatMap(({ accuracy }) => accuracy?.metrics?.map(({ metric }) => metric) ?? []))];
  const rows = names.map((name) => [
    name,
    ...measured.map(({ accuracy }) => {
      const found = accuracy?.metrics?.find(({ metric }) => metric === name);
      return found === undefined ? '-' : formatEstimate(found.value, (value) => formatMetric(value, found.unit));
    }),
  ]);
  return ['## Metrics', '', markdownTable({ head: ['metric', ...measured.map(({ name }) => name)], rows }), ''];
}

/** What the runtime's own optimizations find in the graph, before anything is quantized. */
function fusionLines(report: Report): string[] {
  const table = fusionTable(report);
  return table === undefined ? [] : ['## Fused by ONNX Runtime', '', markdownTable(table), ''];
}

function datasetLines({ calibration, validation }: Report['datasets']): string[] {
  const lines: string[] = [];
  if (calibration !== null)
    lines.push(`Calibrated on ${calibration.samples} samples of ${calibration.label} (${calibration.origin}).`);
  if (validation !== null)
    lines.push(`Validated on ${validation.samples} samples of ${validation.label} (${validation.origin}).`);
  return lines.length === 0 ? [] : [lines.join(' '), ''];
}

function markdownTable({ head, rows }: TextTable): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => escapeMarkdown(cell.trim())).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

function escapeMarkdown(text: string): string {
  return text.replaceAll(/[|<>*_`\\]/g, (character) => `\\${character}`).replaceAll(/\s*\n\s*/g, ' ');
}

function runtimes(versions: Readonly<Record<string, string>>): string {
  return Object.entries(versions)
    .map(([name, version]) => `, ${name} ${version}`)
    .join('');
}
