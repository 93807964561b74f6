import { parseArgs } from 'node:util'
import { type Broken, tryHostile } from './hostile/try-hostile.ts'
import { type Soak, seedOption } from './soak.ts'

/** Answers of hostile servers to every call that the product makes. */
export const hostile: Soak = {
  summary:
    'Every call ends with a value or one error, whatever a server answers: as LXD, Incus, a simplestreams server, a web server and an OIDC provider.',
  usage: '[--seed N] [--runs 2000] [--only RUN]',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...seedOption,
        runs: { type: 'string', default: '2000' },
        only: { type: 'string' },
      },
    })
    const { seed, runs, only } = values
    console.log(`seed ${seed}`)
    const begun = performance.now()
    const { broken, ends, ...tried } = await tryHostile({
      seed: Number(seed),
      runs: Number(runs),
      only: only === undefined ? undefined : Number(only),
    })
    for (const each of broken) console.log(describe(each))
    const seconds = Math.round((performance.now() - begun) / 1000)
    console.log(
      `${tried.runs} runs in ${seconds} s: ${ends.value} values, ${ends.error} errors, ${ends.aborted} that waited until they were aborted; ${broken.length} broke a promise`,
    )
    return broken.length === 0
  },
}

function describe({ run, call, attack, why }: Broken): string {
  const faults = JSON.stringify(attack.faults).slice(0, 600)
  return `run ${run}, ${call} on ${attack.dialect}, answer ${attack.at}: ${why}\n  ${faults}`
}
