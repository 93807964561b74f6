import { askServers, releaseLock } from '@hyperkit/reconcile/parts'
import { defineScript } from '@hyperkit/script'
import * as v from 'valibot'
import { fileArguments, namedByManifest, serverArguments, toggle } from '../arguments/manifest-arguments.ts'
import { descriptions } from '../descriptions.ts'
import { isConfirmed } from '../run/is-confirmed.ts'
import { openManifest } from '../run/open-manifest.ts'

/** Removes the lock of the manifest from its servers, no matter who holds it. */
export default defineScript({
  description: descriptions['force-unlock'],
  connects: false,
  handlesDryRun: true,
  refuses: { ...namedByManifest, json: 'it prints a line for each server' },
  args: v.object({ ...fileArguments, ...serverArguments, yes: toggle('Do not ask', 'y') }),
  async run({ args, ...tools }) {
    const { console, signal, fail, dryRun } = tools
    const { manifest, servers, open, close } = await openManifest(args, tools)
    const { name } = manifest
    const names = servers.map((server) => server.name).join(', ')
    try {
      if (dryRun)
        return void (await console.result(`Would free ${names} from the lock of manifest "${name}"\n`))
      const question = `Free ${names} from the lock of manifest "${name}"?`
      const refusal = 'Cannot unlock without being asked: this is no terminal; give --yes'
      if (!args.yes && !(await isConfirmed({ question, refusal }, tools))) return
      const answers = await askServers(servers, open, signal, async (client) => ({
        holder: await releaseLock(client, name),
      }))
      for (const { server, answer, error } of answers) {
        if (error !== undefined) fail(`${server.name}: ${error.message}`, { code: error.code })
        else if (answer?.holder === undefined) await console.result(`${server.name}: not locked\n`)
        else await console.result(`${server.name}: freed from the lock of ${answer.holder.owner}\n`)
      }
    } finally {
      await close()
    }
  },
})
