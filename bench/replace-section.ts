/**
 * A text with what stands between `<!-- bench:NAME -->` and the next `<!-- /bench -->` replaced.
 *
 * @throws Error when the markers are not there.
 */
export function replaceSection(text: string, name: string, section: string): string {
  const open = `<!-- bench:${name} -->`;
  const close = '<!-- /bench -->';
  const start = text.indexOf(open);
  const end = text.indexOf(close, start);
  if (start < 0 || end < 0) throw new Error(`the text has no ${open} ... ${close}`);
  return `${text.slice(0, start + open.length)}\n${section}\n${text.slice(end)}`;
}
