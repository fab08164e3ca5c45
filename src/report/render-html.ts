import { browserTable, comparisonTable, passTable } from './comparison-table.ts';
import { formatBytes, formatMilliseconds } from './format-figures.ts';
import { fusionTable } from './fusion-table.ts';
import { headline } from './headline.ts';
import { barChart, escapeHtml, htmlDiagnostics, htmlList, htmlPage, htmlTable } from './html-page.ts';
import { keptTable, tuningText } from './kept-table.ts';
import type { Report } from './report-schema.ts';

/** A report as one HTML page without scripts or outside resources. */
export function renderHtml(report: Report): string {
  const { source, variants } = report;
  const sizes = variants.map(({ name, size }) => [name, size?.brotli ?? null] as const);
  const latencies = variants.map(({ name, latency }) => [name, latency?.p50.value ?? null] as const);
  const memories = variants.map(({ name, memory }) => [name, memory?.peak ?? null] as const);
  const browser = browserTable(report);
  const fusions = fusionTable(report);
  const body = [
    `<h1>${escapeHtml(source.name)}</h1>`,
    `<p>${escapeHtml(headline(report))}</p>`,
    htmlTable(comparisonTable(report)),
    ...(browser === undefined ? [] : ['<h2>In the browser</h2>', htmlTable(browser)]),
    barChart('Compressed size (brotli)', sizes, formatBytes),
    barChart('Latency, median', latencies, formatMilliseconds),
    barChart('Peak memory', memories, formatBytes),
    ...htmlList(
      'Budgets',
      report.gates.map(
        (gate) =>
          `<li>${escapeHtml(gate.name)}: <b class="${gate.verdict}">${gate.verdict}</b> ${escapeHtml(gate.detail)}</li>`,
      ),
    ),
    ...htmlDiagnostics('Warnings and notes', report.diagnostics),
    ...keptSection(report),
    ...(fusions === undefined ? [] : ['<h2>Fused by ONNX Runtime</h2>', htmlTable(fusions)]),
    '<h2>Passes</h2>',
    htmlTable(passTable(report)),
    ...htmlList(
      'Files',
      report.files.map((file) => `<li><code>${escapeHtml(file.path)}</code> ${formatBytes(file.bytes)}</li>`),
    ),
  ];
  return htmlPage(source.name, body);
}

function keptSection({ quantization }: Report): string[] {
  if (quantization === null) return [];
  const tuning = tuningText(quantization);
  const kept = quantization.kept.length === 0 ? [] : [htmlTable(keptTable(quantization.kept))];
  if (tuning === undefined && kept.length === 0) return [];
  const text = tuning === undefined ? [] : [`<p>${escapeHtml(tuning)}</p>`];
  return ['<h2>Kept in floating point</h2>', ...text, ...kept];
}
