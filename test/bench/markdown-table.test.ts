import { expect, it } from 'vitest';
import { markdownTable } from '../../bench/markdown-table.ts';

it('writes a table whose cells cannot break it', () => {
  const columns = [
    { heading: 'name', align: 'left' as const, text: (row: { name: string }) => row.name },
    { heading: 'length', text: (row: { name: string }) => String(row.name.length) },
  ];
  expect(markdownTable(columns, [{ name: 'a|b' }, { name: 'c\n  d' }])).toBe(
    ['| name | length |', '| --- | ---: |', '| a\\|b | 3 |', '| c d | 5 |'].join('\n'),
  );
});
