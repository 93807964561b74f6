import type { Image } from '@hyperkit/core'

/** All that a server has of images; plain data. */
export interface ServerInventory {
  name: string
  dialect: string
  version: string | undefined
  images: InventoryImage[]
}

/** An image of a server, as the inventory lists it. */
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
  /** Those that a manifest can name, without locks of runs under way. */
  aliases: { name: string; description: string }[]
  /** Aliases that no client can work with, and why. */
  unusable: { name: string; why: string }[]
}
