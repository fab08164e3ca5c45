/**
 * Where the files lie that are fetched. Each is named in a form that bundlers see, copy and rename; the artifact's own
 * list has its model files too.
 *
 * @type {Readonly<Record<string, string> & Record<'manifest.json' | 'sample.bin' | 'sample.json' | 'sw.js', string>>}
 */
export const FILES = {
  'manifest.json': new URL('./manifest.json', import.meta.url).href,
  'sample.bin': new URL('./sample.bin', import.meta.url).href,
  'sample.json': new URL('./sample.json', import.meta.url).href,
  'sw.js': new URL('./sw.js', import.meta.url).href,
};
