import { tensorType } from '../../../ir/value-type.ts';
import { type InferRule, type InferRules, resultDtype } from '../infer-rule.ts';

/** Counts of n-grams, one column per pool entry, for a vector or for each row of a matrix. */
const tfIdf: InferRule = (call) => {
  const data = call.shape(0);
  const columns = call.ints('ngram_indexes')?.reduce((most, index) => Math.max(most, index), -1);
  const width = columns === undefined ? undefined : columns + 1;
  return [data && (data.length < 2 ? [width] : [data[0], width])];
};

/** The parts of each string along a new axis as long as the longest needs, and how many each has. */
const stringSplit: InferRule = (call) => {
  const data = call.shape(0);
  return [data && [...data, undefined], tensorType('int64', data)];
};

/** Stop words are dropped, so that the last axis is unknown. */
const stringNormalizer: InferRule = (call) => {
  const data = call.shape(0);
  const dtype = resultDtype(call, 0) ?? 'string';
  if (data === undefined) return [tensorType(dtype)];
  const keepsAll = !call.stringCount('stopwords');
  return [
    tensorType(
      dtype,
      keepsAll && data.length > 0 ? data : data.map((dim, i) => (i === data.length - 1 ? undefined : dim)),
    ),
  ];
};

export const STRING_RULES: InferRules = {
  TfIdfVectorizer: tfIdf,
  StringSplit: stringSplit,
  StringNormalizer: stringNormalizer,
};
