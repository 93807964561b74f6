import { existsSync, readdirSync } from 'node:fs'
import { isHyperkitError } from '@hyperkit/core'
import { showText } from '@hyperkit/terminal/text'
import type { HostileCall } from './calls.ts'
import type { Scene } from './open-scene.ts'

/** How a call ended. */
export type Outcome = { value: unknown } | { error: unknown } | 'never'

/** What is wrong with the end of a call, in words; undefined if it kept every promise. */
export async function judge(call: HostileCall, outcome: Outcome, scene: Scene): Promise<string | undefined> {
  if (outcome === 'never') return 'it did not end, although its signal was aborted'
  return (
    ('error' in outcome
      ? judgeError(outcome.error, call, scene)
      : await judgeValue(outcome.value, call, scene)) ?? judgeSurroundings(scene)
  )
}

/** Errors that list what stands in the way, one a line. */
const lists = new Set(['StalePlanError', 'PlanRefusedError', 'ManifestError'])

function judgeError(error: unknown, { waits = false }: HostileCall, { signal }: Scene): string | undefined {
  if (signal.aborted && error === signal.reason)
    return waits ? undefined : 'it waited until its signal was aborted'
  if (!isHyperkitError(error)) return `it threw ${describe(error)}`
  const { message } = error
  if (/^\s+at .*[:(]\d+/m.test(message)) return `the error has a stack trace: ${describe(error)}`
  if (showText(message, { keep: '\n' }) !== message && /[\p{Cc}]/u.test(message.replaceAll('\n', '')))
    return `the error has control characters: ${describe(error)}`
  if (message.includes('\n') && !lists.has(error.name))
    return `the error has several lines: ${describe(error)}`
  if (message.length > 20_000) return `the error has ${message.length} characters`
  if (!/^[A-Z"]/.test(message)) return `the error is no sentence: ${describe(error)}`
  return undefined
}

async function judgeValue(value: unknown, call: HostileCall, scene: Scene): Promise<string | undefined> {
  if (typeof value === 'string' && showText(value, { keep: '\n\t' }) !== value)
    return `what is printed has control characters: ${JSON.stringify(value.slice(0, 500))}`
  const odd = findOdd(value)
  if (odd !== undefined) return odd
  return call.doubt?.(value as never, scene)
}

/** An invalid date or number inside of a value. */
function findOdd(value: unknown): string | undefined {
  const waiting = [value]
  for (let seen = 0; waiting.length > 0 && seen < 20_000; seen++) {
    const next = waiting.pop()
    if (typeof next === 'number' && Number.isNaN(next)) return 'a value is NaN'
    if (next instanceof Date && Number.isNaN(next.getTime())) return 'a value is an invalid date'
    if (typeof next === 'object' && next !== null) waiting.push(...Object.values(next).slice(0, 1_000))
  }
  return undefined
}

const expected = /^(out|incus|cache|images\.yaml|exported\.yaml|unified\.|split\.|fresh\.)/

/** What a call may have done besides. */
function judgeSurroundings({ folder, requests }: Scene): string | undefined {
  const strange = readdirSync(folder).filter((name) => !expected.test(name))
  if (strange.length > 0) return `it wrote ${strange.join(', ')} outside of its folder`
  if (existsSync('/tmp/hyperkit-escaped')) return 'it wrote /tmp/hyperkit-escaped'
  if ('polluted' in {}) return 'the prototype of objects was changed'
  if (requests.length > 1_000) return `it sent ${requests.length} requests`
  return undefined
}

function describe(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return JSON.stringify(text.slice(0, 700))
}
