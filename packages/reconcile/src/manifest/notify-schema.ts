import * as v from 'valibot'
import { isServerUrl } from './is-server-url.ts'
import { notifyOccasions } from './notify.ts'
import { optionalKey } from './optional-key.ts'
import { text } from './text-schemas.ts'

const headers = v.record(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'is not a valid header name')),
  v.pipe(v.string(), v.regex(/^[^\r\n\0]*$/, 'must be one line')),
)

const written = v.strictObject({
  command: optionalKey(
    v.pipe(v.array(text), v.minLength(1, 'must name a program')),
    'A program and its arguments, run without a shell. It gets the report on its standard input, and as the file named in `HYPERKIT_REPORT`. A path is relative to the manifest.',
  ),
  webhook: optionalKey(
    v.strictObject({
      url: v.pipe(
        text,
        v.check(
          isServerUrl,
          'must be an address such as "https://hooks.example.org/x" (http for loopback only)',
        ),
        v.description('The address: https, or plain http for loopback only.'),
      ),
      headers: optionalKey(headers, 'Headers to send, such as `Authorization`.'),
    }),
    'A web server that gets the report as JSON.',
  ),
  on: optionalKey(
    v.pipe(v.array(v.picklist(notifyOccasions)), v.minLength(1, 'must not be empty')),
    'When a report is sent: `change`, `failure` (one starts, changes or ends), `always`. Default: `[change, failure]`.',
  ),
  timeout: optionalKey(
    v.pipe(
      v.number(),
      v.check(
        (seconds) => seconds > 0 && seconds <= 3600,
        'must be a number of seconds, more than 0 and up to 3600',
      ),
    ),
    'How many seconds sending a report may take. Default: `30`.',
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
