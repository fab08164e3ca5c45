import { comparisonTable, passTable, type TextTable } from './comparison-table.ts';
import { formatBytes, formatMilliseconds } from './format-figures.ts';
import { headline } from './headline.ts';
import type { Report } from './report-schema.ts';

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
.bar { display: grid; grid-template-columns: 12rem 1fr 8rem; gap: .6rem; align-items: center; margin: .2rem 0; }
.bar i { display: block; height: .8rem; background: #4a7fb5; border-radius: 2px; }
.pass { color: #2a7d3f; } .fail { color: #b3261e; } .inconclusive, .warning { color: #9a6700; } code { font-size: .9em; }
`;

/** A report as one HTML page without scripts or outside resources. */
export function renderHtml(report: Report): string {
  const { source, variants } = report;
  const sizes = variants.map(({ name, size }) => [name, size?.brotli ?? null] as const);
  const latencies = variants.map(({ name, latency }) => [name, latency?.p50.value ?? null] as const);
  const memories = variants.map(({ name, memory }) => [name, memory?.peak ?? null] as const);
  const body = [
    `<h1>${escapeHtml(source.name)}</h1>`,
    `<p>${escapeHtml(headline(report))}</p>`,
    htmlTable(comparisonTable(report)),
    bars('Compressed size (brotli)', sizes, formatBytes),
    bars('Latency, median', latencies, formatMilliseconds),
    bars('Peak memory', memories, formatBytes),
    ...section(
      'Budgets',
      report.gates.map(
        (gate) =>
          `<li>${escapeHtml(gate.name)}: <b class="${gate.verdict}">${gate.verdict}</b> ${escapeHtml(gate.detail)}</li>`,
      ),
    ),
    ...section(
      'Warnings and notes',
      report.diagnostics.map(({ severity, code, message, hint }) => {
        const next = hint === undefined ? '' : ` <i>Next: ${escapeHtml(hint)}</i>`;
        return `<li class="${severity}"><code>${escapeHtml(code)}</code> ${escapeHtml(message)}${next}</li>`;
      }),
    ),
    ...keptSection(report),
    '<h2>Passes</h2>',
    htmlTable(passTable(report)),
    ...section(
      'Files',
      report.files.map((file) => `<li><code>${escapeHtml(file.path)}</code> ${formatBytes(file.bytes)}</li>`),
    ),
  ];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(source.name)} - modelpress</title>
<style>${STYLE}</style></head>
<body>
${body.join('\n')}
</body>
</html>
`;
}

function keptSection({ quantization }: Report): string[] {
  if (quantization === null || quantization.kept.length === 0) return [];
  const rows = quantization.kept.map(({ node, op, code, reason }) => [node, op, `${code}: ${reason}`]);
  return ['<h2>Kept in floating point</h2>', htmlTable({ head: ['node', 'operator', 'why'], rows })];
}

function bars(
  title: string,
  figures: readonly (readonly [string, number | null])[],
  format: (value: number) => string,
): string {
  const known = figures.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
  if (known.length < 2) return '';
  const largest = Math.max(...known.map(({ value }) => value), Number.MIN_VALUE);
  const rows = known.map(
    ({ name, value }) =>
      `<div class="bar"><span>${escapeHtml(name)}</span><i style="width:${((100 * value) / largest).toFixed(1)}%"></i><span>${format(value)}</span></div>`,
  );
  return `<h2>${title}</h2>\n${rows.join('\n')}`;
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`<h2>${title}</h2>`, `<ul>${items.join('\n')}</ul>`];
}

function htmlTable({ head, rows }: TextTable): string {
  const cells = (tag: string, row: readonly string[]): string =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody></table>`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
