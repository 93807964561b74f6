import { Failure } from '../answer/failure.ts'
import type { Refusal } from './dialect.ts'

/** Words with their gaps filled, in order: `%s` by a value, `%q` by it in double quotes. */
export function fill(words: string, ...values: readonly string[]): string {
  let next = 0
  return words.replace(/%[sq]/g, (gap) => {
    const value = values[next++] ?? ''
    return gap === '%q' ? JSON.stringify(value) : value
  })
}

/** The error answer that a dialect has for something. */
export function refusal({ status, words }: Refusal, ...values: readonly string[]): Failure {
  return new Failure(status, fill(words, ...values))
}
