import { fuseDepthToSpace } from '../../passes/fuse-depth-to-space.ts';
import { goldenCases } from './golden.ts';

const shapes = (first: string, second: string): string => `int64[6] a = {${first}}, int64[4] b = {${second}}`;
const body = (perm: string): string => `r = Reshape (x, a) t = Transpose <perm = [${perm}]> (r) y = Reshape (t, b)`;

goldenCases(fuseDepthToSpace, [
  {
    title: 'columns first',
    input: `g (float[n,8,3,2] x) => (float[n,2,6,4] y) <${shapes('0,2,2,2,3,2', '0,2,6,4')}> { ${body('0,3,4,1,5,2')} }`,
    expected: `g (float[n,8,3,2] x) => (float[n,2,6,4] y) { y = DepthToSpace <blocksize = 2, mode = "DCR"> (x) }`,
    counts: { 'reshapes-to-depth-shuffle': 1 },
  },
  {
    title: 'rows first, as PixelShuffle',
    input: `g (float[1,12,3,2] x) => (float[1,3,6,4] y) <${shapes('1,3,2,2,3,2', '1,3,6,4')}> { ${body('0,1,4,2,5,3')} }`,
    expected: `g (float[1,12,3,2] x) => (float[1,3,6,4] y) { y = DepthToSpace <blocksize = 2, mode = "CRD"> (x) }`,
  },
  {
    title: 'space to depth',
    input: `g (float[1,3,4,6] x) => (float[1,12,2,3] y) <${shapes('1,3,2,2,3,2', '1,12,2,3')}> { ${body('0,3,5,1,2,4')} }`,
    expected: `g (float[1,3,4,6] x) => (float[1,12,2,3] y) { y = SpaceToDepth <blocksize = 2> (x) }`,
  },
  {
    title: 'not PixelUnshuffle, whose order of channels SpaceToDepth does not have',
    input: `g (float[1,3,4,6] x) => (float[1,12,2,3] y) <${shapes('1,3,2,2,3,2', '1,12,2,3')}> { ${body('0,1,3,5,2,4')} }`,
    counts: { 'reshapes-to-depth-shuffle rejected: the axes do not move as a depth shuffle moves them': 1 },
  },
  {
    title: 'not where blocks are not square or the result has another shape',
    input: `g (float[1,8,3,2] x) => (float[1,2,12,2] y) <${shapes('1,4,1,2,3,2', '1,2,12,2')}> { ${body('0,3,4,1,5,2')} }`,
    counts: { 'reshapes-to-depth-shuffle rejected: the axes do not move as a depth shuffle moves them': 1 },
  },
  {
    title: 'rows first before opset 11 into one channel, where both orders are the same',
    opset: 10,
    input: `g (float[N,4,3,2] x) => (float[N,1,6,4] y) <${shapes('-1,1,2,2,3,2', '-1,1,6,4')}> { ${body('0,1,4,2,5,3')} }`,
    expected: `g (float[N,4,3,2] x) => (float[N,1,6,4] y) { y = DepthToSpace <blocksize = 2> (x) }`,
    counts: { 'reshapes-to-depth-shuffle': 1 },
  },
  {
    title: 'not rows first before opset 11',
    opset: 10,
    input: `g (float[1,12,3,2] x) => (float[1,3,6,4] y) <${shapes('1,3,2,2,3,2', '1,3,6,4')}> { ${body('0,1,4,2,5,3')} }`,
    counts: { 'reshapes-to-depth-shuffle rejected: it needs opset 11': 1 },
  },
]);
