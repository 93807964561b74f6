/** `1 image`, `2 images`, `2 aliases`. */
export function countThings(count: number, thing: 'image' | 'alias' | 'server' | 'change'): string {
  const plural = thing === 'alias' ? 'aliases' : `${thing}s`
  return `${count} ${count === 1 ? thing : plural}`
}
