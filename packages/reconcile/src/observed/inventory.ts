import type { Image } from '@hyperkit/core'

/** All images of a server, as plain data. */
export interface ServerInventory {
  name: string
  dialect: string
  version: string | undefined
  images: InventoryImage[]
}

/** An image in the inventory of a server. */
export interface InventoryImage
  extends Pick<
    Image,
    | 'fingerprint'
    | 'size'
    | 'type'
    | 'architecture'
    | 'public'
    | 'properties'
    | 'expiresAt'
    | 'autoUpdate'
    | 'profiles'
    | 'filename'
    | 'updateSource'
    | 'createdAt'
  > {
  /** The aliases that a manifest can name, without the locks of running commands. */
  aliases: { name: string; description: string }[]
  /** Aliases that no client can use, and why. */
  unusable: { name: string; why: string }[]
}
