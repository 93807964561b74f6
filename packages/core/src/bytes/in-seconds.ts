/** Milliseconds as people write them: `10 s`, `250 ms`. */
export function inSeconds(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} s` : `${milliseconds} ms`
}
