import type { LoweredCase } from './lowered-cases.ts';

/** Operators without a form of their own, which are written as what they are defined by. */
export const OPENED_CASES: readonly LoweredCase[] = [
  ...(
    [
      [
        'bij,bjk->bik',
        [
          [2, 3, 4],
          [2, 4, 5],
        ],
        [2, 3, 5],
      ],
      [
        'bqhd,bkhd->bhqk',
        [
          [2, 3, 2, 4],
          [2, 5, 2, 4],
        ],
        [2, 2, 3, 5],
      ],
      [
        '...i,ij->...j',
        [
          [2, 3, 4],
          [4, 5],
        ],
        [2, 3, 5],
      ],
      ['i,j', [[3], [4]], [3, 4]],
      [
        'ij,jk',
        [
          [3, 4],
          [4, 2],
        ],
        [3, 2],
      ],
      [
        'bij,bij->bj',
        [
          [2, 3, 4],
          [2, 3, 4],
        ],
        [2, 4],
      ],
      ['abc->ca', [[2, 3, 4]], [4, 2]],
      [
        'ab,ac,bcd->d',
        [
          [2, 3],
          [2, 4],
          [3, 4, 5],
        ],
        [5],
      ],
      ['ijk,j->ik', [[2, 3, 4], [3]], [2, 4]],
    ] as const
  ).map(([equation, operands, result]) => {
    const names = operands.map((_, k) => `x${k}`);
    const inputs = operands.map((shape, k) => `float[${shape.join()}] x${k}`).join(', ');
    return {
      name: `Einsum ${equation}`,
      text: graph(
        `y = Einsum <equation = "${equation}">(${names.join(', ')})`,
        `(${inputs}) => (float[${result.join()}] y)`,
      ),
    };
  }),
  ...[
    ['bilinear', 'zeros', 0, 16],
    ['bilinear', 'border', 1, 16],
    ['nearest', 'zeros', 0, 16],
    ['nearest', 'border', 0, 16],
    ['linear', 'zeros', 1, 20],
  ].map(([mode, padding, corners, opset]) => ({
    name: `GridSample, ${mode}, ${padding}, align_corners ${corners}`,
    text: graph(
      `c = Conv <pads = [1,1,1,1]>(x, w) y = GridSample <mode = "${mode}", padding_mode = "${padding}", align_corners = ${corners}>(c, g)`,
      '(float[2,2,5,6] x, float[2,3,4,2] g) => (float[2,3,3,4] y)',
      `float[3,2,3,3] w = {${Array.from({ length: 54 }, (_, k) => Math.sin(k + 1).toFixed(3)).join()}}`,
      Number(opset),
    ),
  })),
  ...[
    ['a window, one side', 'y = STFT(x, step, window, length)', '2,37,1', '2,8,5,2'],
    ['both sides', 'y = STFT <onesided = 0>(x, step, window, length)', '1,33,1', '1,7,8,2'],
  ].map(([name, body, from, to]) => ({
    name: `STFT, ${name}`,
    text: graph(
      body!,
      `(float[${from}] x) => (float[${to}] y)`,
      `int64 step = {4}, int64 length = {8}, float[8] window = {0, 0.2, 0.6, 0.9, 1, 0.9, 0.6, 0.2}`,
    ),
  })),
  ...[
    ['real, one side', 'DFT <axis = 1, onesided = 1>', '2,10,1', '2,6,2', 17],
    ['complex', 'DFT <axis = 1>', '2,7,2', '2,7,2', 17],
    ['inverse', 'DFT <axis = 2, inverse = 1>', '2,3,6,2', '2,3,6,2', 17],
    ['the usual axis of opset 20', 'DFT <onesided = 0>', '2,6,1', '2,6,2', 20],
  ].map(([name, op, from, to, opset]) => ({
    name: `DFT, ${name}`,
    text: graph(`y = ${op}(x)`, `(float[${from}] x) => (float[${to}] y)`, '', Number(opset)),
  })),
  {
    name: 'CastLike, and a Dropout of which the mask is read',
    text: graph(
      'a = CastLike(one, x) b, m = Dropout(x) f = Cast <to = 1>(m) y0 = Mul(b, f) y = Add(y0, a)',
      '(float[2,3] x) => (float[2,3] y)',
      'int64 one = {1}',
    ),
  },
  {
    name: 'an output that is constant beside one that is not',
    text: graph(
      'y = Neg(x) z = Shape(x) s = Identity(k)',
      '(float[2,3] x) => (float[2,3] y, int64[2] z, float s)',
      'float k = {2.5}',
    ),
  },
];

function graph(body: string, ports: string, constants = '', opset = 17): string {
  const initializers = constants === '' ? '' : `<${constants}>`;
  return `<ir_version: 8, opset_import: ["" : ${opset}]> g ${ports} ${initializers} { ${body} }`;
}
