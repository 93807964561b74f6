import { isWholeFingerprint } from '../arguments/fingerprint.ts'
import type { Client } from '../client.ts'
import { NotFoundError } from '../errors/errors.ts'
import { absence } from '../http/absence.ts'
import type { Alias } from '../model/alias.ts'
import type { Image, ImageType } from '../model/image.ts'
import type { CopySource } from './copy-source.ts'
import { openExport } from './open-export.ts'
import { serverAddresses } from './server-addresses.ts'

/** A server as the source of copies. */
export function serverSource(client: Client<boolean>): CopySource {
  return {
    name: client.name,
    client,
    async find(reference, { signal, imageType, secret }) {
      const { image, alias } =
        secret === undefined
          ? await findImage(client, reference, signal)
          : { image: await client.images.get(reference, { signal, secret }), alias: undefined }
      if (imageType !== undefined && image.type !== imageType)
        throw otherType(client, reference, image, imageType)
      return { ...image, readable: image.public, secret, alias }
    },
    async offer(_image, target, signal) {
      const { certificate } = await client.server({ signal })
      return {
        urls: await serverAddresses(client, signal),
        // The protocol of the target's kind, whatever the source is: LXD knows no other, and Incus 6.0.4 fails a download by alias
        // over "lxd" when it records the source.
        protocol: target.dialect.kind,
        certificate,
        sourceProject: client.projectName,
      }
    },
    // Set by the server; a target of Incus does not compare such an image with its fingerprint, and all others do (T36).
    pullsOnly: ({ properties }) =>
      properties?.type === 'oci'
        ? 'it comes from a registry of OCI images, so its fingerprint is not that of its content'
        : undefined,
    open: (image, signal) => openExport(client, image, signal),
  }
}

/** Tries a name as an alias first, as everywhere; only a whole fingerprint is looked up directly. */
async function findImage(
  client: Client<boolean>,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<{ image: Image; alias: string | undefined }> {
  const alias = isWholeFingerprint(reference) ? undefined : await findAlias(client, reference, signal)
  const image = await client.images.get(alias?.target ?? reference, { signal })
  return { image, alias: alias?.name }
}

async function findAlias(
  client: Client<boolean>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Alias | undefined> {
  const alias = await client.aliases.find(name, { signal })
  if (alias !== undefined || /^[0-9a-f]{1,64}$/i.test(name)) return alias
  const { why } = absence(await client.view({ signal }))
  throw notFound(
    client,
    `Cannot find image ${JSON.stringify(name)} on "${client.name}": no alias has this name${why}`,
  )
}

function otherType(
  client: Client<boolean>,
  reference: string,
  { type }: Image,
  wanted: ImageType,
): NotFoundError {
  return notFound(
    client,
    `Cannot find image ${JSON.stringify(reference)} of type ${wanted} on "${client.name}": it is a ${type}`,
  )
}

function notFound(client: Client<boolean>, message: string): NotFoundError {
  return new NotFoundError(message, { server: client.name })
}
