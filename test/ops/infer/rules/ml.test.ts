import { describeInference } from '../describe-inference.ts';

describeInference('classical machine learning', [
  ['Scaler', { op: 'Scaler', domain: 'ai.onnx.ml', inputs: ['int64[N,4]'] }, ['float32[N,4]']],
  [
    'LinearRegressor',
    { op: 'LinearRegressor', domain: 'ai.onnx.ml', inputs: ['float32[N,4]'], attributes: { targets: 2 } },
    ['float32[N,2]'],
  ],
  [
    'LinearClassifier with two classes',
    {
      op: 'LinearClassifier',
      domain: 'ai.onnx.ml',
      inputs: ['float32[N,4]'],
      attributes: { coefficients: { floats: [1, 1, 1, 1] }, intercepts: { floats: [0] }, classlabels_ints: [0, 1] },
      outputs: 2,
    },
    ['int64[N]', 'float32[N,2]'],
  ],
  [
    'TreeEnsembleClassifier',
    {
      op: 'TreeEnsembleClassifier',
      domain: 'ai.onnx.ml',
      inputs: ['float32[N,4]'],
      attributes: { classlabels_int64s: [0, 1, 2] },
      outputs: 2,
    },
    ['int64[N]', 'float32[N,3]'],
  ],
  [
    'ZipMap',
    { op: 'ZipMap', domain: 'ai.onnx.ml', inputs: ['float32[N,2]'], attributes: { classlabels_int64s: [0, 1] } },
    ['seq(map(int64,float32[]))'],
  ],
  [
    'OneHotEncoder',
    { op: 'OneHotEncoder', domain: 'ai.onnx.ml', inputs: ['int64[N,1]'], attributes: { cats_int64s: [1, 2, 3] } },
    ['float32[N,1,3]'],
  ],
  [
    'ArrayFeatureExtractor',
    { op: 'ArrayFeatureExtractor', domain: 'ai.onnx.ml', inputs: ['float32[N,4]', [0, 2]] },
    ['float32[N,2]'],
  ],
  [
    'LabelEncoder',
    { op: 'LabelEncoder', domain: 'ai.onnx.ml', inputs: ['string[N]'], attributes: { values_int64s: [1] } },
    ['int64[N]'],
  ],
]);
