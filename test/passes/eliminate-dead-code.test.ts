import { expect, test } from 'vitest';
import { eliminateDeadCode } from '../../passes/eliminate-dead-code.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { goldenCases } from './golden.ts';

goldenCases(eliminateDeadCode, [
  {
    title: 'nodes that only dead nodes read, and constants, but no graph inputs',
    input: `g (float[2] x, float[2] unused, float[2] given = {1, 2}) => (float[2] y) <float[2] c = {1, 2}, float[2] d = {3, 4}> {
      a = Add(x, c) b = Neg(a) e = Mul(x, d) y = Relu(x) f = Sub(a, e) }`,
    expected: `g (float[2] x, float[2] unused, float[2] given = {1, 2}) => (float[2] y) { y = Relu(x) }`,
    counts: { 'nodes removed': 4, 'constants removed': 2 },
  },
  {
    title: 'a node of which one result is read stays with all of them',
    input: `g (float[4] x) => (float[2] y) { y, z = Split <axis = 0> (x) }`,
    counts: {},
  },
  {
    title: 'in branches, and outside for what only dead nodes of branches read',
    input: `g (bool c, float[2] x) => (float[2] y) <float[2] k = {1, 2}> { a = Add(x, k)
      y = If (c) < then_branch = t () => (float[2] u) { v = Neg(a) u = Relu(x) }, else_branch = e () => (float[2] u) { u = Neg(x) } > }`,
    expected: `g (bool c, float[2] x) => (float[2] y) {
      y = If (c) < then_branch = t () => (float[2] u) { u = Relu(x) }, else_branch = e () => (float[2] u) { u = Neg(x) } > }`,
    counts: { 'nodes removed': 2, 'constants removed': 1 },
  },
  {
    title: 'an If whose results nothing reads goes with its branches',
    input: `g (bool c, float[2] x) => (float[2] y) { a = Neg(x) y = Relu(x)
      z = If (c) < then_branch = t () => (float[2] u) { u = Relu(a) }, else_branch = e () => (float[2] u) { u = Neg(x) } > }`,
    expected: `g (bool c, float[2] x) => (float[2] y) { y = Relu(x) }`,
    counts: { 'nodes removed': 2 },
  },
  {
    title: 'functions that nothing calls, also by way of functions that are themselves not called',
    input: `g (float[2] x) => (float[2] y) { y = local.f(x) }
      <domain: "local", opset_import: ["" : 17, "local" : 1]> f (x) => (y) { z = Neg(x) y = local.g(x) }
      <domain: "local", opset_import: ["" : 17]> g (x) => (y) { y = Neg(x) }
      <domain: "local", opset_import: ["" : 17, "local" : 1]> h (x) => (y) { y = local.i(x) }
      <domain: "local", opset_import: ["" : 17]> i (x) => (y) { y = Neg(x) }`,
    expected: `g (float[2] x) => (float[2] y) { y = local.f(x) }
      <domain: "local", opset_import: ["" : 17, "local" : 1]> f (x) => (y) { y = local.g(x) }
      <domain: "local", opset_import: ["" : 17]> g (x) => (y) { y = Neg(x) }`,
    counts: { 'functions removed': 2, 'nodes removed': 1 },
  },
]);

test('constants of a model with training information stay: it names them', () => {
  const model = parseModel(
    'g (float[2] x) => (float[2] y) <float[2] c = {1, 2}, updatable float[2] w = {3, 4}> { y = Relu(x) }',
  );
  const counts = () =>
    runPipeline(model, [step('eliminate-dead-code')], { passes: [eliminateDeadCode] }).records[0]?.counts;
  model.trainingInfo = [new Uint8Array([1])];
  expect(counts()).toEqual({});
  model.trainingInfo = [];
  expect(counts()).toEqual({ 'constants removed': 1 });
  expect([...model.graph.constants()].map((value) => value.name)).toEqual(['w']);
});
