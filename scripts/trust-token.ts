import { defineScript, positional, runIfMain, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Make a token with which one new client gets trusted',
  details:
    'Whoever has it can use it once, with `remote add NAME TOKEN` here, in incus or in lxc. It lives until it is used, until\nthe server restarts, or until `operation cancel` of the operation that is printed beside it.',
  connects: false,
  args: v.object({
    name: v.pipe(
      v.string(),
      v.nonEmpty(),
      v.description('How the server is to list the new client'),
      positional('[remote:]name'),
    ),
    projects: v.optional(
      v.pipe(v.array(v.string()), v.description('Only for these projects; repeat it for several')),
      [],
    ),
    identity: v.optional(
      v.pipe(v.boolean(), v.description('A fine-grained identity of LXD, which may do what its groups may')),
      false,
    ),
    groups: v.optional(
      v.pipe(v.array(v.string()), v.description('Groups of the identity; repeat it for several')),
      [],
    ),
  }),
  examples: ['hyperkit trust token prod:laptop', 'hyperkit trust token ci --projects web --projects db'],
  async run({ args, reach, change, result, signal }) {
    const { client, name } = await reach(args.name)
    if (args.identity || args.groups.length > 0) {
      if (args.projects.length > 0)
        throw new UsageError('"--projects" is for certificates: what an identity may is said by its groups')
      const token = await change(() =>
        client.certificates.createIdentityToken(name, { signal, groups: args.groups }),
      )
      if (token !== undefined) result({ name, token }, token)
      return
    }
    const made = await change(() =>
      client.certificates.createToken(name, {
        signal,
        ...(args.projects.length === 0 ? {} : { projects: args.projects }),
      }),
    )
    if (made === undefined) return
    result({ name, token: made.token, operation: made.operation.id }, made.token)
  },
})

export default script
await runIfMain(import.meta, script)
