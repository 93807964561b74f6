import { type Address, explainCron, readAddress } from '@hyperkit/reconcile/parts'
import { flag } from '@hyperkit/script'
import * as v from 'valibot'
import { durationFlag, toggle } from './manifest-arguments.ts'

/** The schedule of `watch`, and the address of its status pages. */
export const scheduleArguments = {
  interval: v.optional(
    v.pipe(
      durationFlag('Check all servers at least this often (default: 10m)'),
      v.minValue(1000, 'it must be at least 1s'),
    ),
  ),
  schedule: v.optional(
    v.pipe(
      v.string(),
      v.rawCheck(({ dataset, addIssue }) => {
        const problem = dataset.typed ? explainCron(dataset.value, Date.now()) : undefined
        if (problem !== undefined) addIssue({ message: `it is not a cron pattern: ${problem}` })
      }),
      v.description('Check all servers at these times, such as "*/15 * * * *"'),
      flag<string>({ value: 'cron' }),
    ),
  ),
  jitter: v.optional(
    durationFlag(
      'Delay scheduled checks by a random time, at most this long (default: a tenth of the interval, at most 30s)',
    ),
  ),
  settle: v.optional(durationFlag('How long a changed file must stay unchanged before it is read'), '2s'),
  listen: v.optional(
    v.pipe(
      v.string(),
      v.rawTransform(({ dataset, addIssue, NEVER }): Address => {
        const address = readAddress(dataset.value)
        if (address !== undefined) return address
        addIssue({ message: 'it must be an address such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464' })
        return NEVER
      }),
      v.description('Address at which to serve /healthz, /readyz and /metrics'),
      flag<Address>({ value: 'address' }),
    ),
    '127.0.0.1:9464',
  ),
  noListen: toggle('Do not serve /healthz, /readyz and /metrics'),
}
