import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { TextTable } from './comparison-table.ts';

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
.bar { display: grid; grid-template-columns: 12rem 1fr 8rem; gap: .6rem; align-items: center; margin: .2rem 0; }
.bar i { display: block; height: .8rem; background: #4a7fb5; border-radius: 2px; }
.pass { color: #2a7d3f; } .fail { color: #b3261e; } .inconclusive, .warning { color: #9a6700; } code { font-size: .9em; }
`;

/** One HTML page without scripts or outside resources; `title` is plain text, `body` is HTML, block by block. */
export function htmlPage(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)} - modelpress</title>
<style>${STYLE}</style></head>
<body>
${body.join('\n')}
</body>
</html>
`;
}

/** Bars that stand for figures, each with its text; nothing where fewer than two figures are known. */
export function barChart(
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

/** A list under a title, of items that are HTML already; nothing where there are none. */
export function htmlList(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`<h2>${title}</h2>`, `<ul>${items.join('\n')}</ul>`];
}

/** Diagnostics as a list under a title, each with its next step. */
export function htmlDiagnostics(
  title: string,
  diagnostics: readonly (Pick<Diagnostic, 'severity' | 'code' | 'message'> & {
    readonly hint?: string | undefined;
    readonly notes?: readonly string[] | undefined;
  })[],
): string[] {
  const items = diagnostics.map(({ severity, code, message, hint, notes = [] }) => {
    const next = hint === undefined ? '' : ` <i>Next: ${escapeHtml(hint)}</i>`;
    const more = notes.map((text) => `<br>${escapeHtml(text)}`).join('');
    return `<li class="${severity}"><code>${escapeHtml(code)}</code> ${escapeHtml(message)}${next}${more}</li>`;
  });
  return htmlList(title, items);
}

/** A table of plain texts. */
export function htmlTable({ head, rows }: TextTable): string {
  const cells = (tag: string, row: readonly string[]): string =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  return `<table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody></table>`;
}

/** A plain text as HTML, also within attributes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
