import { Failure } from '../answer/failure.ts'
import type { Refusal } from './dialect.ts'

/** Fills the placeholders of a text in order: `%s` with a value, `%q` with a value in double quotes. */
export function fill(words: string, ...values: readonly string[]): string {
  let next = 0
  return words.replace(/%[sq]/g, (gap) => {
    const value = values[next++] ?? ''
    return gap === '%q' ? JSON.stringify(value) : value
  })
}

/** Throws the error answer of a dialect. */
export function refusal({ status, words }: Refusal, ...values: readonly string[]): Failure {
  return new Failure(status, fill(words, ...values))
}
