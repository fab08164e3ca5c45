import type { DataType } from '../../../ir/dtype.ts';
import type { Dim, Shape } from '../../../ir/shape.ts';
import { tensorType, type ValueType } from '../../../ir/value-type.ts';
import { productOfDims } from '../../dims/dim-arithmetic.ts';
import type { InferRule, InferRules } from '../infer-rule.ts';
import type { NodeCall } from '../node-call.ts';
import { firstLikeFirst } from './elementwise.ts';

/** How many samples data hold: a vector is one sample. */
function samples(data: Shape | undefined): Dim {
  return data?.length === 1 ? 1 : data?.[0];
}

/** Class labels are strings or integers, by the attribute that lists them. */
function labelsOf(call: NodeCall, integers: string): { readonly dtype: DataType; readonly count: number | undefined } {
  const strings = call.stringCount('classlabels_strings');
  return strings ? { dtype: 'string', count: strings } : { dtype: 'int64', count: call.ints(integers)?.length };
}

/** A label and a score per class for each sample. */
function classifier(labels: string, scores: (call: NodeCall, classes: number | undefined) => Dim): InferRule {
  return (call) => {
    const batch = samples(call.shape(0));
    const { dtype, count } = labelsOf(call, labels);
    return [tensorType(dtype, [batch]), tensorType('float32', [batch, scores(call, count)])];
  };
}

/** One column per row of coefficients; a single one makes two where there are two labels. */
function linearScores(call: NodeCall, classes: number | undefined): Dim {
  const rows = call.floats('intercepts')?.length;
  return rows === 1 && classes === 2 ? 2 : rows;
}

function regressor(targets: (call: NodeCall) => Dim): InferRule {
  return (call) => [[samples(call.shape(0)), targets(call)]];
}

const TABLE_TYPES: readonly (readonly [string, DataType])[] = [
  ['values_strings', 'string'],
  ['values_int64s', 'int64'],
  ['values_floats', 'float32'],
];

/** The element type of the values that a `LabelEncoder` maps to; version 1 swaps strings and integers. */
function encodedType(call: NodeCall): DataType | undefined {
  if (call.since < 2) return swappedType(call);
  return call.tensor('values_tensor')?.dtype ?? TABLE_TYPES.find(([name]) => call.attribute(name) !== undefined)?.[1];
}

function swappedType(call: NodeCall): DataType | undefined {
  const dtype = call.dtype(0);
  return dtype === 'string' ? 'int64' : dtype === 'int64' ? 'string' : undefined;
}

function mapped(dtypeOf: (call: NodeCall) => DataType | undefined): InferRule {
  return (call) => {
    const dtype = dtypeOf(call);
    return [dtype && tensorType(dtype, call.shape(0))];
  };
}

const arrayFeatureExtractor: InferRule = (call) => {
  const data = call.shape(0);
  const indices = call.shape(1);
  const count = indices && productOfDims(indices);
  return [data && [...(data.length === 1 ? [1] : data.slice(0, -1)), count]];
};

const oneHotEncoder: InferRule = (call) => {
  const data = call.shape(0);
  const categories = call.stringCount('cats_strings') || call.ints('cats_int64s')?.length;
  return [data && [...data, categories]];
};

const zipMap: InferRule = (call) => {
  const key: DataType = call.stringCount('classlabels_strings') ? 'string' : 'int64';
  const value: ValueType = { kind: 'map', key, value: tensorType('float32', []) };
  return [{ kind: 'sequence', element: value }];
};

const CAST_TYPES: Readonly<Record<string, DataType>> = { TO_FLOAT: 'float32', TO_INT64: 'int64', TO_STRING: 'string' };

const castMap: InferRule = (call) => {
  const dtype = CAST_TYPES[call.text('cast_to') ?? ''];
  return [dtype && tensorType(dtype, [1, call.text('map_form') === 'SPARSE' ? call.int('max_map') : undefined])];
};

const dictVectorizer: InferRule = (call) => {
  const type = call.type(0);
  const dtype = type?.kind === 'map' && type.value?.kind === 'tensor' ? type.value.dtype : undefined;
  const count = call.stringCount('string_vocabulary') || call.ints('int64_vocabulary')?.length;
  return [dtype && tensorType(dtype, [1, count])];
};

const RULES: InferRules = {
  ArrayFeatureExtractor: arrayFeatureExtractor,
  Binarizer: firstLikeFirst,
  CastMap: castMap,
  CategoryMapper: mapped(swappedType),
  DictVectorizer: dictVectorizer,
  FeatureVectorizer: (call) => {
    const widths = call.ints('inputdimensions');
    const data = call.shape(0);
    return [[data?.length === 1 ? undefined : data?.[0], widths?.reduce((a, b) => a + b, 0)]];
  },
  Imputer: firstLikeFirst,
  LabelEncoder: mapped(encodedType),
  LinearClassifier: classifier('classlabels_ints', linearScores),
  LinearRegressor: regressor((call) => call.int('targets') ?? 1),
  Normalizer: firstLikeFirst,
  OneHotEncoder: oneHotEncoder,
  SVMClassifier: classifier('classlabels_ints', () => undefined),
  SVMRegressor: regressor(() => 1),
  Scaler: firstLikeFirst,
  TreeEnsemble: regressor((call) => call.int('n_targets')),
  TreeEnsembleClassifier: classifier('classlabels_int64s', (_, classes) => classes),
  TreeEnsembleRegressor: regressor((call) => call.int('n_targets')),
  ZipMap: zipMap,
};

export const ML_RULES: InferRules = Object.fromEntries(
  Object.entries(RULES).map(([op, rule]) => [`ai.onnx.ml.${op}`, rule]),
);
