import type { Transport } from '@hyperkit/core'
import { createRecorder, type RecordOptions } from './create-recorder.ts'

/**
 * Records a transport: writes one readable file for each request and its answer, and one for each WebSocket. Secrets do not get
 * into the files: tokens, passwords, secrets of images and operations, private keys and cookies are replaced, each by a placeholder
 * of its own. This is a recording of one transport; {@link createRecorder} makes one of several.
 *
 * `replay()` of @hyperkit/embedded answers from the files. The commands record if the environment has `HYPERKIT_RECORD`; see
 * {@link createRecorderIfAsked}.
 *
 * Bodies stream as without a recording; only the small files themselves are waited for. If a later write fails (a full disk), one
 * warning is printed on the console and the requests continue.
 *
 * @throws ArgumentError for an empty `directory`, or a `keepBytes` that is not a size
 * @throws HyperkitError `file-unwritable`, from the first request, before anything is sent
 *
 * @example
 * ```ts
 * const transport = await createTransport({ url: 'https://10.1.0.7:8443', serverCertificate: fingerprint })
 * const client = createClient({ transport: recordTransport(transport, { directory: './prod-tapes' }) })
 * await client.server()
 * ```
 */
export function recordTransport(transport: Transport, options: RecordOptions): Transport {
  return createRecorder(options).record(transport)
}
