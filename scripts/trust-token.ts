import { defineScript, flag, positional, runIfMain, UsageError } from '@hyperkit/script'
import * as v from 'valibot'

const script = defineScript({
  description: 'Make a token that lets one new client become trusted',
  details:
    'Anybody who has the token can use it once, with `remote add NAME TOKEN` of hyperkit, incus or lxc. It is valid until it is used,\nuntil the server restarts, or until `operation cancel` cancels the operation of the token.\n\n--bearer (LXD 6.7 and newer) makes a bearer token instead, which a client sends with each request in place of a certificate: for\n`token` or `tokenFile` of a server in a manifest, and for `connect({ token })`. It is shown only now. Without --expiry it is valid for\nten years; `lxc auth identity delete bearer/NAME` ends it.',
  connects: false,
  args: v.object({
    name: v.pipe(
      v.string(),
      v.nonEmpty(),
      v.description('Name of the new client on the server'),
      positional('[remote:]<name>'),
    ),
    projects: v.optional(
      v.pipe(v.array(v.string()), v.description('Restrict the client to these projects')),
      [],
    ),
    identity: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Make a fine-grained identity of LXD, which has the rights of its groups'),
      ),
      false,
    ),
    bearer: v.optional(
      v.pipe(v.boolean(), v.description('Make an identity of LXD, and a bearer token for it')),
      false,
    ),
    expiry: v.optional(
      v.pipe(
        v.string(),
        v.nonEmpty(),
        v.description('Time until the bearer token expires, such as 30d or "1d 12H"; units: S M H d w m y'),
        flag({ value: 'time' }),
      ),
    ),
    groups: v.optional(v.pipe(v.array(v.string()), v.description('Groups of the identity')), []),
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
        '"--identity" makes a token to enrol a certificate, and "--bearer" a token that replaces it; give only one',
      )
    if (isIdentity && args.projects.length > 0)
      throw new UsageError('"--projects" is for certificates; the rights of an identity come from "--groups"')
    if (expiry !== undefined && !args.bearer)
      throw new UsageError(
        '"--expiry" is for "--bearer"; the expiry of other tokens is a setting of the server',
      )
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
