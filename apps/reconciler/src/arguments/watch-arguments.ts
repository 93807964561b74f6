import { type Address, explainCron, readAddress } from '@hyperkit/reconcile/parts'
import { flag } from '@hyperkit/script'
import * as v from 'valibot'
import { durationFlag, toggle } from './manifest-arguments.ts'

/** When `watch` looks at servers, and where it answers questions about itself. */
export const scheduleArguments = {
  interval: v.optional(
    v.pipe(
      durationFlag('Look at all servers at least this often (default: 10m)'),
      v.minValue(1000, '1s at least is needed'),
    ),
  ),
  schedule: v.optional(
    v.pipe(
      v.string(),
      v.rawCheck(({ dataset, addIssue }) => {
        const problem = dataset.typed ? explainCron(dataset.value, Date.now()) : undefined
        if (problem !== undefined) addIssue({ message: `it is not a cron pattern: ${problem}` })
      }),
      v.description('Look at all servers at these times, such as "*/15 * * * *"'),
      flag<string>({ value: 'cron' }),
    ),
  ),
  jitter: v.optional(
    durationFlag(
      'Scheduled looks are late by up to this much (default: a tenth of the interval, at most 30s)',
    ),
  ),
  settle: v.optional(durationFlag('How long a changed file must stay as it is'), '2s'),
  listen: v.optional(
    v.pipe(
      v.string(),
      v.rawTransform(({ dataset, addIssue, NEVER }): Address => {
        const address = readAddress(dataset.value)
        if (address !== undefined) return address
        addIssue({ message: 'an address such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464 is needed' })
        return NEVER
      }),
      v.description('Where /healthz, /readyz and /metrics are served'),
      flag<Address>({ value: 'address' }),
    ),
    '127.0.0.1:9464',
  ),
  noListen: toggle('Serve nothing'),
}
