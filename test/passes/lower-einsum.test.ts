import { lowerEinsum } from '../../passes/lower-einsum.ts';
import { goldenCases } from './golden.ts';

const sum = (equation: string, x: string, y: string, z: string) =>
  `g (float[${x}] x, float[${y}] y) => (float[${z}] z) { z = Einsum <equation = "${equation}"> (x, y) }`;

const rejected = (reason: string) => ({ counts: { [`einsum-of-two rejected: ${reason}`]: 1 } });

goldenCases(lowerEinsum, [
  {
    title: 'a matrix product as it is',
    input: sum('ij,jk->ik', '2,3', '3,4', '2,4'),
    expected: `g (float[2,3] x, float[3,4] y) => (float[2,4] z) { z = MatMul(x, y) }`,
    counts: { 'einsum-of-two': 1 },
  },
  {
    title: 'queries and keys of attention, with open sizes',
    input: sum('b h i d, b h j d -> b h i j', 'N,2,S,4', 'N,2,T,4', 'N,2,S,T'),
    expected: `g (float[N,2,S,4] x, float[N,2,T,4] y) => (float[N,2,S,T] z) {
      t = Transpose <perm = [0, 1, 3, 2]> (y) z = MatMul(x, t)
    }`,
    sizes: { N: 2, S: 3, T: 5 },
  },
  {
    title: 'rows along several axes with one matrix, and another order of the result',
    input: sum('bchw,ck->bkhw', 'N,3,H,4', '3,5', 'N,5,H,4'),
    expected: `g (float[N,3,H,4] x, float[3,5] y) => (float[N,5,H,4] z) {
      t = Transpose <perm = [0, 2, 3, 1]> (x) p = MatMul(t, y) z = Transpose <perm = [0, 3, 1, 2]> (p)
    }`,
    sizes: { N: 2, H: 3 },
  },
  {
    title: 'several axes that are summed over, and several columns',
    input: sum('abc,bcde->ade', 'N,2,3', '2,3,4,5', 'N,4,5'),
    expected: `g (float[N,2,3] x, float[2,3,4,5] y) => (float[N,4,5] z)
      <int64[2] s = {-1, 6}, int64[2] t = {6, 20}, int64[3] u = {-1, 4, 5}> {
      a = Reshape(x, s) b = Reshape(y, t) p = MatMul(a, b) z = Reshape(p, u)
    }`,
    sizes: { N: 2 },
  },
  {
    title: 'a vector and rows of a batch',
    input: sum('j,jk->k', '3', '3,4', '4'),
    expected: `g (float[3] x, float[3,4] y) => (float[4] z) { z = MatMul(x, y) }`,
  },
  {
    title: 'an inner product for each entry of a batch',
    input: sum('nd,nd->n', '2,3', '2,3', '2'),
    expected: `g (float[2,3] x, float[2,3] y) => (float[2] z)
      <int64[3] s = {2, 1, 3}, int64[3] t = {2, 3, 1}, int64[1] u = {2}> {
      a = Reshape(x, s) b = Reshape(y, t) p = MatMul(a, b) z = Reshape(p, u)
    }`,
  },
  {
    title: 'not what sums nothing',
    input: sum('i,j->ij', '2', '3', '2,3'),
    ...rejected('nothing is summed over'),
  },
  {
    title: 'not what sums an axis of one operand alone',
    input: sum('ij,jk->k', '2,3', '3,4', '4'),
    ...rejected('an axis of one operand is summed over'),
  },
  {
    title: 'not a diagonal',
    input: sum('ii,ij->j', '2,2', '2,3', '3'),
    ...rejected('a letter stands twice'),
  },
  {
    title: 'not shared axes of which one is broadcast',
    input: sum('ij,jk->ik', '2,1', '3,4', '2,4'),
    ...rejected('shared axes may be broadcast'),
  },
  {
    title: 'not shared axes of different symbols',
    input: sum('ij,jk->ik', '2,J', 'K,4', '2,4'),
    sizes: { J: 3, K: 3 },
    ...rejected('shared axes may be broadcast'),
  },
  {
    title: 'not with dots',
    input: sum('...ij,...jk->...ik', '2,2,3', '2,3,4', '2,2,4'),
    ...rejected('the equation is not of two operands with letters alone'),
  },
  {
    title: 'not where two open sizes would have to be taken apart',
    input: sum('bmnk,bkc->bmnc', 'N,A,B,3', 'N,3,2', 'N,A,B,2'),
    sizes: { N: 2, A: 3, B: 2 },
    ...rejected('sizes to be joined or taken apart are not known'),
  },
]);
