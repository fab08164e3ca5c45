/** Element types that operators allow together, by the name that the operator tables give them. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  int: ['int8', 'int16', 'int32', 'int64'],
  uint: ['uint8', 'uint16', 'uint32', 'uint64'],
  float: ['float16', 'float32', 'float64'],
  complex: ['complex64', 'complex128'],
  float8: ['float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz'],
  '4bit': ['int4', 'uint4'],
  '2bit': ['int2', 'uint2'],
};

/** The types that a set such as `int|float32|seq(int)` names, each as text. */
export function expandTypeSet(text: string): readonly string[] {
  return splitTopLevel(text).flatMap((part) => {
    const wrapped = /^(seq|optional|sparse)\((.*)\)$/.exec(part);
    if (wrapped === null) return GROUPS[part] ?? [part];
    return expandTypeSet(wrapped[2]!).map((inner) => `${wrapped[1]}(${inner})`);
  });
}

/** Splits at the bars that stand in no parentheses. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const char = text[i];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === undefined || (char === '|' && depth === 0)) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return parts;
}
