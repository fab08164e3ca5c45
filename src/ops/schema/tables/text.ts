/** Operators of ai.onnx up to opset 28: text. The grammar of a row is told in parse-schema.ts. */
export const TEXT_OPERATORS: readonly string[] = [
  'RegexFullMatch 20 (X:T1) -> (Y:T2) {pattern:s} [T1=string T2=bool]',
  'StringConcat 20 (X:T, Y:T) -> (Z:T) [T=string]',
  'StringNormalizer 10 (X:string) -> (Y:string) {case_change_action:s=NONE, is_case_sensitive:i=0, locale:s, stopwords:ss}',
  'StringSplit 20 (X:T1) -> (Y:T2, Z:T3) {delimiter:s, maxsplit:i} [T1=string T2=string T3=int64]',
  'TfIdfVectorizer 9 (X:T) -> (Y:T1) {max_gram_length!:i, max_skip_count!:i, min_gram_length!:i, mode!:s, ngram_counts!:is, ngram_indexes!:is, pool_int64s:is, pool_strings:ss, weights:fs} [T=int32|int64|string T1=float32]',
];
