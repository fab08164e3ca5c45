/** The name under which tables hold an operator: `Conv` of ai.onnx, `com.microsoft.FusedConv` of another domain. */
export function operatorKey(domain: string, op: string): string {
  return domain === '' ? op : `${domain}.${op}`;
}
