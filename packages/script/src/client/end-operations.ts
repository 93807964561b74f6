import { messageOf, readText } from '@hyperkit/core/parts'
import type { BegunOperation } from './watch-operations.ts'

const patience = 5_000

/** Bytes of an answer about one operation. */
const longestAnswer = 1024 * 1024

/**
 * Cancels the operations that were begun, after an abort. Returns a sentence for each one that was still running: it was cancelled,
 * or the server cannot cancel it.
 */
export async function endOperations(begun: readonly BegunOperation[]): Promise<string[]> {
  const ends = await Promise.all(begun.map(endOperation))
  return ends.filter((sentence) => sentence !== undefined)
}

async function endOperation({ transport, path }: BegunOperation): Promise<string | undefined> {
  const ask = async (method: string): Promise<{ status: number; body: unknown }> => {
    const signal = AbortSignal.timeout(patience)
    const response = await transport.fetch(`${transport.origin}${path}`, {
      method,
      redirect: transport.redirect ?? 'error',
      signal,
    })
    return {
      status: response.status,
      body: JSON.parse(await readText(response, { signal, limit: longestAnswer })),
    }
  }
  const id = path.replace(/^.*\/|\?.*$/g, '')
  try {
    const { status, body } = await ask('GET')
    const code = (body as { metadata?: { status_code?: number } }).metadata?.status_code ?? 0
    const cancelled = `Operation ${id} on "${transport.name}" was cancelled`
    // 401: cancelled; 104: being cancelled; 103: running; 105: pending. With any other code it has ended.
    if (code === 401 || code === 104) return cancelled
    if (status === 404 || (code !== 103 && code !== 105)) return undefined
    if ((await ask('DELETE')).status < 400) return cancelled
    return `Operation ${id} on "${transport.name}" is still running: the server cannot cancel it`
  } catch (error) {
    const reason = messageOf(error)
    return `Operation ${id} on "${transport.name}" may still be running: the server could not be asked (${reason})`
  }
}
