import { describe, expect, it } from 'vitest';
import { replaceSection } from '../../bench/replace-section.ts';

describe('replaceSection', () => {
  const text =
    'before\n<!-- bench:zoo -->\nold\n<!-- /bench -->\nbetween\n<!-- bench:other -->\nkept\n<!-- /bench -->\n';

  it('replaces what stands between the markers, and nothing else', () => {
    expect(replaceSection(text, 'zoo', 'new')).toBe(
      'before\n<!-- bench:zoo -->\nnew\n<!-- /bench -->\nbetween\n<!-- bench:other -->\nkept\n<!-- /bench -->\n',
    );
    expect(replaceSection(text, 'other', 'new')).toContain('\nold\n');
  });

  it('changes nothing when run again', () => {
    const once = replaceSection(text, 'zoo', 'new');
    expect(replaceSection(once, 'zoo', 'new')).toBe(once);
  });

  it('takes a section with dollar signs as it is', () => {
    expect(replaceSection(text, 'zoo', "$& $' $1")).toContain("\n$& $' $1\n");
  });

  it.each([
    ['without the first marker', 'text <!-- /bench -->'],
    ['without the second', '<!-- bench:zoo --> text'],
    ['with them the wrong way round', '<!-- /bench --> text <!-- bench:zoo -->'],
  ])('refuses a text %s', (_, broken) => {
    expect(() => replaceSection(broken, 'zoo', 'new')).toThrow('bench:zoo');
  });
});
