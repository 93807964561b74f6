import * as v from 'valibot'
import { isServerUrl } from './is-server-url.ts'
import { notifyOccasions } from './notify.ts'
import { text } from './text-schemas.ts'

const headers = v.record(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'is no name of a header')),
  v.pipe(v.string(), v.regex(/^[^\r\n\0]*$/, 'must be one line')),
)

const written = v.strictObject({
  command: v.optional(v.pipe(v.array(text), v.minLength(1, 'must name a program'))),
  webhook: v.optional(
    v.strictObject({
      url: v.pipe(
        text,
        v.check(
          isServerUrl,
          'must be an address such as "https://hooks.example.org/x" (http for loopback only)',
        ),
      ),
      headers: v.optional(headers),
    }),
  ),
  on: v.optional(v.pipe(v.array(v.picklist(notifyOccasions)), v.minLength(1, 'must name an occasion'))),
  timeout: v.optional(
    v.pipe(
      v.number(),
      v.check((seconds) => seconds > 0 && seconds <= 3600, 'must be seconds, up to 3600'),
    ),
  ),
})

export const notifySchema = v.pipe(
  written,
  v.check(
    ({ command, webhook }) => command !== undefined || webhook !== undefined,
    'needs "command", "webhook", or both',
  ),
)

export type WrittenNotify = v.InferOutput<typeof notifySchema>
