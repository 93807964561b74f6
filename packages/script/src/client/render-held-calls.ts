import { showText } from '@hyperkit/terminal/text'
import type { HeldCall } from './held-call.ts'

/** What a script would do without `--dry-run`. */
export interface HeldWork {
  calls: readonly HeldCall[]
  /** What it would do on this machine, such as `add remote "prod" to config.yml`. */
  deeds: readonly string[]
}

/** Renders what `--dry-run` lists: a line for each call, with its headers and body below, and a line for each other deed. */
export function renderHeldWork({ calls, deeds }: HeldWork): string {
  return [...calls.map(renderCall), ...deeds.map((deed) => showText(`would ${deed}\n`, { keep: '\n' }))].join(
    '',
  )
}

/** Makes the JSON document of it. */
export function describeHeldWork({ calls, deeds }: HeldWork): unknown {
  return { format: 'hyperkit-dry-run', version: 1, calls, ...(deeds.length === 0 ? {} : { deeds }) }
}

function renderCall({ server, method, path, headers, body }: HeldCall): string {
  const lines = [
    `would send to ${server}: ${method} ${path}`,
    ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`),
    ...(body === undefined ? [] : [`  ${typeof body === 'string' ? body : JSON.stringify(body)}`]),
  ]
  return showText(`${lines.join('\n')}\n`, { keep: '\n' })
}
