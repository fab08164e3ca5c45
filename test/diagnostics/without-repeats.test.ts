import { expect, it } from 'vitest';
import { note, warning } from '../../src/diagnostics/diagnostic.ts';
import { withoutRepeats } from '../../src/diagnostics/without-repeats.ts';

it('keeps the first of what is said twice, and what differs in anything', () => {
  const said = { code: 'a-code', message: 'something', at: 'x' };
  const others = [note({ ...said, at: 'y' }), warning(said), note({ ...said, message: 'else' })];
  expect(withoutRepeats([note(said), ...others, note({ ...said, hint: 'again' })])).toEqual([note(said), ...others]);
});
