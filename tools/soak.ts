// Runs what repeats for long and is therefore outside `npm test`: `npm run soak -- NAME [options]`. Without a name it lists what there is.
// The exit code is 1 if a promise did not hold.
import process from 'node:process'
import { cluster } from './soak/cluster.ts'
import { cuts } from './soak/cuts.ts'
import { hostile } from './soak/hostile.ts'
import { kills } from './soak/kills.ts'
import type { Soak } from './soak/soak.ts'
import { week } from './soak/week.ts'

const soaks: Record<string, Soak> = { cluster, cuts, hostile, kills, week }

const [name, ...args] = process.argv.slice(2)
const soak = name === undefined ? undefined : soaks[name]
if (soak === undefined) {
  if (name !== undefined) console.error(`There is no soak "${name}"`)
  for (const [each, { usage, summary }] of Object.entries(soaks))
    console.error(`${each} ${usage}\n  ${summary}`)
  process.exitCode = 2
} else if (!(await soak.run(args))) process.exitCode = 1
