import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { HyperkitError } from '@hyperkit/core'
import type { Exchange, RecordedBody, RecordedFailure } from '@hyperkit/core/parts'
import { fillIn, fillInJson, type HiddenValues } from './hidden-values.ts'

/** Returns the recorded response, or rejects with the recorded error of the transport. */
export async function giveAnswer(
  tape: { file: string; exchange: Exchange },
  values: HiddenValues,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const { answer, failure } = tape.exchange
  if (failure === 'aborted' || (answer === undefined && failure === undefined)) {
    if (signal === undefined) {
      throw new HyperkitError(
        'not-recorded',
        `Cannot replay "${tape.file}": the recording ended before an answer arrived`,
      )
    }
    return untilAborted(signal)
  }
  if (answer === undefined) throw revive(failure as RecordedFailure)
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers)) {
    // The recorded length is that of the server's own formatting of the JSON.
    const isRespelled = name === 'content-length' && answer.body !== undefined && !('bytes' in answer.body)
    if (!isRespelled) headers.set(name, fillIn(value, values))
  }
  const body = bodyOf(answer.body, tape.file, values, directory)
  const cut = answer.cut === undefined || answer.cut === 'by the reader' ? undefined : revive(answer.cut)
  const bodyless = [204, 205, 304].includes(answer.status)
  const whole = cut === undefined || body === null ? body : cutOff(body, cut)
  return new Response(bodyless ? null : (whole as BodyInit | null), { status: answer.status, headers })
}

function bodyOf(
  body: RecordedBody | undefined,
  file: string,
  values: HiddenValues,
  directory: string,
): string | ReadableStream<Uint8Array> | null {
  if (body === undefined) return null
  if ('json' in body) return JSON.stringify(fillInJson(body.json, values))
  if ('text' in body) return fillIn(body.text, values)
  if (body.file !== undefined) {
    // Only a plain name: a recording may come from an untrusted place.
    const name = body.file.split(/[/\\]/).at(-1) ?? ''
    return Readable.toWeb(createReadStream(join(directory, name))) as unknown as ReadableStream<Uint8Array>
  }
  const lost = new HyperkitError(
    'not-recorded',
    `Cannot replay the ${body.bytes} bytes of "${file}": only their SHA-256 was recorded; record again with HYPERKIT_RECORD_KEEP=${body.bytes}`,
  )
  return new ReadableStream({ pull: (controller) => controller.error(lost) })
}

export function revive({ name, code, message }: RecordedFailure): Error {
  const error = Object.assign(new Error(message), code === undefined ? {} : { code })
  Object.defineProperty(error, 'name', { value: name })
  return error
}

/** Everything that was read, then the failure. */
function cutOff(body: string | ReadableStream<Uint8Array>, error: Error): ReadableStream<Uint8Array> {
  const source = new Response(body as BodyInit).body as ReadableStream<Uint8Array>
  const reader = source.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.error(error)
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
