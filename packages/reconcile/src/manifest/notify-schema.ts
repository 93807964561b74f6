import * as v from 'valibot'
import { isServerUrl } from './is-server-url.ts'
import { notifyOccasions } from './notify.ts'
import { optionalKey } from './optional-key.ts'
import { text } from './text-schemas.ts'

const headers = v.record(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'is no name of a header')),
  v.pipe(v.string(), v.regex(/^[^\r\n\0]*$/, 'must be one line')),
)

const written = v.strictObject({
  command: optionalKey(
    v.pipe(v.array(text), v.minLength(1, 'must name a program')),
    'A program and its arguments, run without a shell; the report is on its standard input and in the file that `HYPERKIT_REPORT` names. A path is relative to the manifest.',
  ),
  webhook: optionalKey(
    v.strictObject({
      url: v.pipe(
        text,
        v.check(
          isServerUrl,
          'must be an address such as "https://hooks.example.org/x" (http for loopback only)',
        ),
        v.description('Its address; https, or plain http for loopback.'),
      ),
      headers: optionalKey(headers, 'Headers to send, such as `Authorization`.'),
    }),
    'A web server that the report is sent to as JSON.',
  ),
  on: optionalKey(
    v.pipe(v.array(v.picklist(notifyOccasions)), v.minLength(1, 'must name an occasion')),
    'When: `change`, `failure` (it begins, becomes another one, or ends), `always`. Default: `[change, failure]`.',
  ),
  timeout: optionalKey(
    v.pipe(
      v.number(),
      v.check((seconds) => seconds > 0 && seconds <= 3600, 'must be seconds, up to 3600'),
    ),
    'Seconds that handing it over may take. Default: `30`.',
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
