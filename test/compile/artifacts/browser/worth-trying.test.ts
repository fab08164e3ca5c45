import { expect, it } from 'vitest';
import { worthTrying } from '../../../../src/compile/artifacts/browser/worth-trying.ts';
import { namedForm } from './candidate-forms.ts';

const SIZES = new Map([
  ['onnxruntime-web', 2_700_000],
  ['tfjs', 550_000],
] as const);

it.each([
  ['a model that is small beside the runtime', 200_000, ['a', 'asked', 'c', 'half c']],
  ['a large model', 14_000_000, ['a', 'half a', 'asked', 'c', 'half c']],
  ['a tiny model', 4_000, ['a', 'asked', 'c']],
])(
  'of %s, the forms that only have smaller weights are tried where the download gets smaller',
  (_, bytes, expected) => {
    const half = { bytes: bytes / 2, smallerOnly: true } as const;
    const { worth, diagnostics } = worthTrying(
      [
        namedForm('a', 'onnxruntime-web', { bytes }),
        namedForm('half a', 'onnxruntime-web', half),
        namedForm('asked', 'onnxruntime-web', { bytes: bytes / 2 }),
        namedForm('c', 'tfjs', { bytes }),
        namedForm('half c', 'tfjs', half),
      ],
      SIZES,
    );
    expect(worth.map(({ file }) => file)).toEqual(expected);
    expect(diagnostics.map(({ code }) => code)).toEqual(expected.length < 5 ? ['browser-form-no-smaller'] : []);
  },
);
