import { eliminateDropout } from '../../passes/eliminate-dropout.ts';
import { goldenCases } from './golden.ts';

goldenCases(eliminateDropout, [
  {
    title: 'without training mode',
    input: `g (float[4] x) => (float[4] y) <float ratio = {0.5}> { a = Dropout(x, ratio) y = Relu(a) }`,
    expected: `g (float[4] x) => (float[4] y) { y = Relu(x) }`,
    counts: { 'dropout-to-operand': 1 },
  },
  {
    title: 'with training mode false',
    input: `g (float[4] x) => (float[4] y) <float ratio = {0.5}, bool mode = {0}> { a, mask = Dropout(x, ratio, mode) y = Relu(a) }`,
    expected: `g (float[4] x) => (float[4] y) { y = Relu(x) }`,
  },
  {
    title: 'of opset 10, whose ratio is an attribute',
    opset: 10,
    input: `g (float[4] x) => (float[4] y) { a = Dropout <ratio = 0.3> (x) y = Relu(a) }`,
    expected: `g (float[4] x) => (float[4] y) { y = Relu(x) }`,
  },
  {
    title: 'stays where its mask is read',
    input: `g (float[4] x) => (float[4] y, bool[4] mask) { a, mask = Dropout(x) y = Relu(a) }`,
    counts: { 'dropout-to-operand rejected: result 1 of the Dropout is used': 1 },
  },
  {
    title: 'stays in training mode',
    input: `g (float[4] x) => (float[4] y) <float ratio = {0.5}, bool mode = {1}> { y = Dropout(x, ratio, mode) }`,
    counts: { 'dropout-to-operand rejected: the Dropout is in training mode': 1 },
  },
  {
    title: 'stays where the training mode is an input',
    input: `g (float[4] x, bool mode) => (float[4] y) <float ratio = {0.5}> { y = Dropout(x, ratio, mode) }`,
    counts: { 'dropout-to-operand rejected: the training mode is not constant': 1 },
  },
  {
    title: 'of opset 6 is in training mode unless it says otherwise',
    opset: 6,
    input: `g (float[4] x) => (float[4] y) { a = Dropout(x) y = Dropout <is_test = 1> (a) }`,
    expected: `g (float[4] x) => (float[4] y) { y = Dropout(x) }`,
    counts: { 'dropout-to-operand': 1, 'dropout-to-operand rejected: the Dropout is in training mode': 1 },
    notRun: 'ONNX Runtime starts at opset 7',
  },
]);
