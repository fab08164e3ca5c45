/** One column: its heading, and a row's text in it. */
export interface Column<Row> {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  text(row: Row): string;
}

/** Rows as a Markdown table. Text may hold anything: bars are escaped, line ends become spaces. */
export function markdownTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ heading }) => heading),
    columns.map(({ align = 'right' }) => (align === 'right' ? '---:' : '---')),
    ...rows.map((row) => columns.map((column) => cell(column.text(row)))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
