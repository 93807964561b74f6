/** Whether a listing shall have whole objects: any whole number but 0; `true` does not count. */
export function isRecursive(query: URLSearchParams): boolean {
  const text = query.get('recursion') ?? ''
  return /^[+-]?\d+$/.test(text) && Number(text) !== 0
}
