import { showText } from '@hyperkit/terminal/text'
import type { HeldCall } from './held-call.ts'

/** Renders the calls that `--dry-run` lists: a line for each call, with its headers and body below. */
export function renderHeldCalls(calls: readonly HeldCall[]): string {
  return calls.map(renderCall).join('')
}

/** Makes the JSON document of these calls. */
export function describeHeldCalls(calls: readonly HeldCall[]): unknown {
  return { format: 'hyperkit-dry-run', version: 1, calls }
}

function renderCall({ server, method, path, headers, body }: HeldCall): string {
  const lines = [
    `would send to ${server}: ${method} ${path}`,
    ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`),
    ...(body === undefined ? [] : [`  ${typeof body === 'string' ? body : JSON.stringify(body)}`]),
  ]
  return showText(`${lines.join('\n')}\n`, { keep: '\n' })
}
