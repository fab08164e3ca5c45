/** An attribute of a node, in the JSON form of TensorFlow's `AttrValue`: integers are strings, texts base64. */
export type AttrValue =
  | { readonly i: string }
  | { readonly f: number }
  | { readonly b: boolean }
  | { readonly s: string }
  | { readonly type: TfDataType }
  | { readonly shape: TensorShape }
  | { readonly list: { readonly i?: readonly string[]; readonly s?: readonly string[] } }
  | { readonly tensor: { readonly dtype: TfDataType; readonly tensorShape: TensorShape } };

/** TensorFlow's names of the element types that are written. */
export type TfDataType = 'DT_FLOAT' | 'DT_INT32' | 'DT_INT64' | 'DT_INT16' | 'DT_INT8' | 'DT_UINT8' | 'DT_BOOL';

export interface TensorShape {
  readonly dim: readonly { readonly size: string }[];
}

/** One node of a TensorFlow graph. An input is the name of a node, with `:1` and so on for its further outputs. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

export function intAttr(value: number): AttrValue {
  return { i: String(value) };
}

export function intsAttr(values: readonly number[]): AttrValue {
  return { list: { i: values.map(String) } };
}

export function textAttr(value: string): AttrValue {
  return { s: base64(value) };
}

export function textsAttr(values: readonly string[]): AttrValue {
  return { list: { s: values.map(base64) } };
}

export function shapeOf(sizes: readonly number[]): TensorShape {
  return { dim: sizes.map((size) => ({ size: String(size) })) };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
