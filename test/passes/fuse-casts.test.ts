import { fuseCasts } from '../../passes/fuse-casts.ts';
import { goldenCases } from './golden.ts';

goldenCases(fuseCasts, [
  {
    title: 'to a wider type and back',
    input: `g (float16[3] x) => (float16[3] y) { a = Cast <to = 1> (x) b = Cast <to = 10> (a) y = Neg(b) }`,
    expected: `g (float16[3] x) => (float16[3] y) { y = Neg(x) }`,
    counts: { 'cast-of-cast': 1 },
  },
  {
    title: 'through a type that holds everything',
    input: `g (uint8[3] x) => (double[3] y) { a = Cast <to = 7> (x) y = Cast <to = 11> (a) }`,
    expected: `g (uint8[3] x) => (double[3] y) { y = Cast <to = 11> (x) }`,
  },
  {
    title: 'through a narrower type stays',
    input: `g (float[3] x) => (float[3] y) { a = Cast <to = 10> (x) y = Cast <to = 1> (a) }`,
    counts: { 'cast-of-cast rejected: the first Cast may lose something': 1 },
  },
  {
    title: 'to a type that cannot hold the source stays: it would be cut differently',
    input: `g (int64[3] x, uint8[3] u) => (int32[3] y, int8[3] z) {
      a = Cast <to = 1> (x) y = Cast <to = 6> (a) b = Cast <to = 1> (u) z = Cast <to = 3> (b) }`,
    counts: {
      'cast-of-cast rejected: the first Cast may lose something': 1,
      'cast-of-cast rejected: the second Cast may lose something': 1,
    },
  },
]);
