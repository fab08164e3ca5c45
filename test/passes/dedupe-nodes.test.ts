import { dedupeNodes } from '../../passes/dedupe-nodes.ts';
import { goldenCases } from './golden.ts';

goldenCases(dedupeNodes, [
  {
    title: 'equal nodes, and what is equal once their operands are',
    input: `g (float[2] x) => (float[2] y) { a = Exp(x) b = Exp(x) c = Neg(a) d = Neg(b) y = Add(c, d) }`,
    expected: `g (float[2] x) => (float[2] y) { a = Exp(x) c = Neg(a) y = Add(c, c) }`,
    counts: { 'nodes merged': 2 },
  },
  {
    title: 'graph outputs: both take the one value',
    input: `g (float[2] x) => (float[2] y, float[2] z) { y = Exp(x) z = Exp(x) }`,
    expected: `g (float[2] x) => (float[2] y, float[2] z = y) { y = Exp(x) }`,
  },
  {
    title: 'a default that is spelled out is the same as one that is not',
    input: `g (float[2,3] x) => (float[2,3] y) { a = Softmax(x) b = Softmax <axis = -1> (x) y = Add(a, b) }`,
    expected: `g (float[2,3] x) => (float[2,3] y) { a = Softmax(x) y = Add(a, a) }`,
  },
  {
    title: 'the default is that of the opset: Softmax of opset 11 is over axis 1',
    opset: 11,
    input: `g (float[2,3,4] x) => (float[2,3,4] y) { a = Softmax(x) b = Softmax <axis = -1> (x) y = Add(a, b) }`,
    counts: {},
  },
  {
    title: 'other attributes, other operands, operands in another order stay',
    input: `g (float[2] x, float[2] u) => (float[2] y) { a = LeakyRelu <alpha = 0.1> (x) b = LeakyRelu <alpha = 0.2> (x) c = Sub(x, u) d = Sub(u, x)
      y = Sum(a, b, c, d) }`,
    counts: {},
  },
  {
    title: 'absent operands at the end are the same whether they are spelled out or not; holes count',
    input: `g (float[2] x) => (float[2] y) <float c = {1}> { a = Clip(x, c) b = Clip(x, c, "") d = Clip(x, "", c) y = Sum(a, b, d) }`,
    expected: `g (float[2] x) => (float[2] y) <float c = {1}> { a = Clip(x, c) d = Clip(x, "", c) y = Sum(a, a, d) }`,
  },
  {
    title: 'random operators stay, also with the same seed',
    input: `g (float[2] x) => (float[2] y) { a = RandomNormalLike <seed = 1.0> (x) b = RandomNormalLike <seed = 1.0> (x)
      c = RandomUniform <shape = [2]> () d = RandomUniform <shape = [2]> () y = Sum(a, b, c, d) }`,
    counts: {},
  },
  {
    title: 'a Dropout in training stays, one at inference is merged',
    input: `g (float[2] x) => (float[2] y) <float r = {0.5}, bool t = {1}> { a = Dropout(x, r, t) b = Dropout(x, r, t) c = Dropout(x) d = Dropout(x) y = Sum(a, b, c, d) }`,
    expected: `g (float[2] x) => (float[2] y) <float r = {0.5}, bool t = {1}> { a = Dropout(x, r, t) b = Dropout(x, r, t) c = Dropout(x) y = Sum(a, b, c, c) }`,
    notRun: 'its results are random',
  },
  {
    title: 'an unknown operator stays, a function is as deterministic as its body',
    input: `g (float[2] x) => (float[2] y) { a = local.f(x) b = local.f(x) c = local.r(x) d = local.r(x) y = Sum(a, b, c, d) }
      <domain: "local", opset_import: ["" : 17]> f (x) => (y) { y = Neg(x) }
      <domain: "local", opset_import: ["" : 17]> r (x) => (y) { y = RandomNormalLike(x) }`,
    expected: `g (float[2] x) => (float[2] y) { a = local.f(x) c = local.r(x) d = local.r(x) y = Sum(a, a, c, d) }
      <domain: "local", opset_import: ["" : 17]> f (x) => (y) { y = Neg(x) }
      <domain: "local", opset_import: ["" : 17]> r (x) => (y) { y = RandomNormalLike(x) }`,
    notRun: 'its results are random',
  },
  {
    title: 'an unknown operator of another domain stays',
    input: `g (float[2] x) => (float[2] y) { a = local.Unknown(x) b = local.Unknown(x) y = Add(a, b) }`,
    counts: {},
  },
  {
    title: 'another number of results is another computation',
    input: `g (float[4] x) => (float[2] y, float[2] z) { a, b = Split <axis = 0> (x) c, d, e, f = Split <axis = 0> (x) y = Add(a, b) z = Concat <axis = 0> (c, d) }`,
    counts: {},
  },
  {
    title: 'nodes with several results',
    input: `g (float[4] x) => (float[2] y, float[2] z) { a, b = Split <axis = 0> (x) c, d = Split <axis = 0> (x) y = Add(a, d) z = Sub(c, b) }`,
    expected: `g (float[4] x) => (float[2] y, float[2] z) { a, b = Split <axis = 0> (x) y = Add(a, b) z = Sub(a, b) }`,
  },
  {
    title: 'nodes with subgraphs stay; nodes inside are merged among themselves',
    input: `g (bool c, float[2] x) => (float[2] y) { o = Neg(x)
      a = If (c) < then_branch = t () => (float[2] u) { v = Exp(x) w = Exp(x) u = Add(v, w) }, else_branch = e () => (float[2] u) { u = Neg(x) } >
      y = Add(a, o) }`,
    expected: `g (bool c, float[2] x) => (float[2] y) { o = Neg(x)
      a = If (c) < then_branch = t () => (float[2] u) { v = Exp(x) u = Add(v, v) }, else_branch = e () => (float[2] u) { u = Neg(x) } >
      y = Add(a, o) }`,
    feeds: { c: [1] },
  },
]);
