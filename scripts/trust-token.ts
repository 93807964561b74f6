import { defineScript, flag, positional, runIfMain, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Make a token with which one new client gets trusted',
  details:
    'Whoever has it can use it once, with `remote add NAME TOKEN` here, in incus or in lxc. It lives until it is used, until\nthe server restarts, or until `operation cancel` of the operation that is printed beside it.\n\nWith --bearer (LXD 6.7 and newer) it is no such token but what a client shows each time in place of a certificate: for\n`token` or `tokenFile` of a server in a manifest, and for `connect({ token })`. It is shown this once. Without --expiry it\nis good for ten years; `lxc auth identity delete bearer/NAME` ends it.',
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
    bearer: v.optional(
      v.pipe(v.boolean(), v.description('A new identity of LXD, and a bearer token for it')),
      false,
    ),
    expiry: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty(),
        v.description('When the bearer token ends, such as 30d or "1d 12H"; units: S M H d w m y'),
        flag({ value: 'time' }),
      ),
    ),
    groups: v.optional(
      v.pipe(v.array(v.string()), v.description('Groups of the identity; repeat it for several')),
      [],
    ),
  }),
  examples: [
    'hyperkit trust token prod:laptop',
    'hyperkit trust token ci --projects web --projects db',
    'hyperkit trust token prod:ci --bearer --groups images --expiry 30d > ci.token',
  ],
  async run({ args, reach, change, result, signal }) {
    const { groups, expiry } = args
    const isIdentity = args.bearer || args.identity || groups.length > 0
    if (args.bearer && args.identity)
      throw new UsageError(
        '"--identity" makes a token for a certificate, "--bearer" one in place of it: give one',
      )
    if (isIdentity && args.projects.length > 0)
      throw new UsageError('"--projects" is for certificates: what an identity may is said by its groups')
    if (expiry !== undefined && !args.bearer)
      throw new UsageError('"--expiry" is for "--bearer": when other tokens end is a setting of the server')
    const { client, name } = await reach(args.name)
    if (args.bearer) {
      const issued = await change(() =>
        client.certificates.createBearerToken(name, { signal, groups, expiry }),
      )
      if (issued !== undefined) result({ name, ...issued }, issued.token)
      return
    }
    if (isIdentity) {
      const token = await change(() => client.certificates.createIdentityToken(name, { signal, groups }))
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
