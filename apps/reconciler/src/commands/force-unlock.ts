import type { Client } from '@hyperkit/core'
import {
  type AuditOptions,
  askServers,
  createAudit,
  describeFailure,
  describeUser,
  type LockHolder,
  releaseLock,
} from '@hyperkit/reconcile/parts'
import { defineScript } from '@hyperkit/script'
import * as v from 'valibot'
import {
  auditArguments,
  fileArguments,
  namedByManifest,
  parallelArguments,
  serverArguments,
  toggle,
} from '../arguments/manifest-arguments.ts'
import { descriptions } from '../descriptions.ts'
import { isConfirmed } from '../run/is-confirmed.ts'
import { openCommandAudit } from '../run/open-audit.ts'
import { openManifest } from '../run/open-manifest.ts'

/** Releases the lock of the manifest on its servers, whichever run holds it. */
export default defineScript({
  description: descriptions['force-unlock'],
  connects: false,
  handlesDryRun: true,
  refuses: { ...namedByManifest, json: 'it prints one line per server' },
  args: v.object({
    ...fileArguments,
    ...serverArguments,
    ...auditArguments,
    ...parallelArguments,
    yes: toggle('Do not ask for confirmation', 'y'),
  }),
  async run({ args, ...tools }) {
    const { console, signal, fail, dryRun } = tools
    const { parallelism } = args
    const { manifest, servers, open, close } = await openManifest(args, tools)
    const audit = await openCommandAudit(args.audit, tools)
    const { name } = manifest
    const names = servers.map((server) => server.name).join(', ')
    try {
      if (dryRun)
        return void (await console.result(`Would release the lock of manifest "${name}" on ${names}\n`))
      const question = `Release the lock of manifest "${name}" on ${names}?`
      const refusal =
        'Cannot release the lock without confirmation: there is no terminal to ask on; give --yes'
      if (!args.yes && !(await isConfirmed({ question, refusal }, tools))) return
      const asking = { open, signal, parallelism, note: console.note }
      const answers = await askServers(servers, asking, async (client, server) => ({
        holder: await release(client, name, server.name, audit.options),
      }))
      for (const { server, answer, error } of answers) {
        if (error !== undefined) fail(`${server.name}: ${error.message}`, { code: error.code })
        else if (answer?.holder === undefined) await console.result(`${server.name}: not locked\n`)
        else await console.result(`${server.name}: released the lock of ${answer.holder.owner}\n`)
      }
    } finally {
      await audit.close()
      await close()
    }
  },
})

async function release(
  client: Client,
  manifest: string,
  server: string,
  options: AuditOptions | undefined,
): Promise<LockHolder | undefined> {
  const audit = options && createAudit(options, { manifest, user: describeUser() })
  await audit?.released(server, {})
  try {
    const holder = await releaseLock(client, manifest)
    await audit?.released(server, { outcome: 'done', holder: holder?.owner })
    return holder
  } catch (error) {
    await audit?.released(server, { outcome: 'failed', error: describeFailure(error) })
    throw error
  }
}
