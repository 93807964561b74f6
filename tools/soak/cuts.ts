import { parseArgs } from 'node:util'
import type { DialectName } from '@hyperkit/embedded'
import { tryCuts } from './cuts/try-cuts.ts'
import type { Soak } from './soak.ts'

/** Connections that are cut at every request of every command that changes a server. */
export const cuts: Soak = {
  summary:
    'The connection of every changing command is cut at every request: before it arrives, after it is done, in the answer. The command ends with an error or the right state, and is right after one more run.',
  usage: '[--dialect lxd-5.0,lxd-6.9,incus-7.0]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { dialect: { type: 'string', default: 'lxd-5.0,lxd-6.9,incus-6.0,incus-7.0' } },
    })
    const begun = performance.now()
    const { points, broken } = await tryCuts({ dialects: values.dialect.split(',') as DialectName[] })
    for (const each of broken.slice(0, 50)) console.log(each)
    const seconds = Math.round((performance.now() - begun) / 1000)
    console.log(`${points} points in ${seconds} s; ${broken.length} promises broken`)
    return broken.length === 0
  },
}
