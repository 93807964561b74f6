import type { Client } from '../client.ts'
import { UnsupportedError } from '../errors/errors.ts'
import { isHyperkitError } from '../errors/is-hyperkit-error.ts'
import { pointAlias } from '../locks/point-alias.ts'
import type { Image } from '../model/image.ts'
import { shortFingerprint } from '../model/short-fingerprint.ts'
import { checkAliases } from './check-aliases.ts'
import { changesOf, type KeptAttributes } from './kept-attributes.ts'

const attempts = 5

/** Gives the image on the target its attributes, aliases last; sends nothing if it has them. */
export async function settleImage(
  target: Client<boolean>,
  fingerprint: string,
  wanted: KeptAttributes,
  fresh: boolean,
  signal: AbortSignal | undefined,
): Promise<Image> {
  const image = await change(target, fingerprint, wanted, fresh, signal)
  // Checked again, because a name may have been taken during the transfer.
  await checkAliases(target, wanted, fingerprint, signal)
  for (const { name, description } of wanted.aliases)
    await pointAlias(target, name, { target: fingerprint, description, owner: 'a copy', signal })
  return wanted.aliases.length === 0 ? image : target.images.get(fingerprint, { signal })
}

async function change(
  target: Client<boolean>,
  fingerprint: string,
  wanted: KeptAttributes,
  fresh: boolean,
  signal: AbortSignal | undefined,
): Promise<Image> {
  for (let attempt = 1; ; attempt++) {
    const now = await target.images.get(fingerprint, { signal })
    if (wanted.named.autoUpdate && now.updateSource === undefined) throw noUpdates(target, fingerprint, fresh)
    const changes = changesOf(now, wanted, fresh)
    if (changes === undefined) return now
    try {
      return await target.images.update(fingerprint, changes, { signal, ifMatch: now.etag })
    } catch (error) {
      // Another client changed it in between: read it again.
      if (attempt === attempts || !isHyperkitError(error, 'precondition-failed')) throw error
    }
  }
}

function noUpdates(target: Client<boolean>, fingerprint: string, fresh: boolean): UnsupportedError {
  const why = fresh
    ? 'the server downloaded it but did not record where it came from; the copy stays as it is'
    : 'the image was there already, without a record of where it came from; delete it there and copy it again'
  return new UnsupportedError(
    `Cannot keep image ${shortFingerprint(fingerprint)} on "${target.name}" up to date: ${why}`,
    { server: target.name },
  )
}
