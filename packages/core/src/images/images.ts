import { expandFingerprint } from '../fingerprints/expand-fingerprint.ts'
import { listFingerprints } from '../fingerprints/list-fingerprints.ts'
import type { CallOptions } from '../http/call.ts'
import type { Connection } from '../http/connection.ts'
import type { Image } from '../model/image.ts'
import type { OperationHandle, Outcome } from '../operations/operation-handle.ts'
import { createFromInstance, createFromSnapshot, type PublishOptions } from './create-from-instance.ts'
import { type CreateFromRemoteOptions, createFromRemote } from './create-from-remote.ts'
import { type CreateFromUrlOptions, createFromUrl } from './create-from-url.ts'
import { createSecret, type ImageSecret } from './create-secret.ts'
import { deleteImage } from './delete-image.ts'
import { type ExportImageOptions, exportImage, type ImageExport } from './export-image.ts'
import { findImage, type GetImageOptions, getImage, getImageByAlias } from './get-image.ts'
import { hasContent } from './has-content.ts'
import { inheritedExpiry } from './inherited-expiry.ts'
import { type ListImagesOptions, listImages } from './list-images.ts'
import { listUsed } from './list-used.ts'
import { type ImagePatch, patchImage } from './patch-image.ts'
import { type Refresh, refreshImage } from './refresh-image.ts'
import { type ImageChanges, type UpdateImageOptions, updateImage } from './update-image.ts'
import { type UploadImageOptions, uploadImage } from './upload-image.ts'
import type { UploadSource } from './upload-source.ts'

/** Whether a call waits for the server's work. @default the client's `autoSync` */
export interface SyncOption<Sync extends boolean> {
  sync?: Sync | undefined
}

/**
 * The images of a server.
 *
 * A fingerprint can be shortened to its beginning, in upper or lower case; an alias is not accepted in its place.
 *
 * @example
 * ```ts
 * const image = await client.images.getByAlias('ubuntu/noble')
 * await client.images.patch(image.fingerprint, { properties: { tested: 'yes' } })
 * const operation = await client.images.createFromInstance('web1', { sync: false })
 * for await (const { stage, percent } of operation.progress) console.log(stage, percent)
 * await client.images.delete((await operation.wait()).fingerprint)
 * ```
 */
export interface Images<Auto extends boolean = true> {
  /** Full records of all images, in one request, sorted by fingerprint. */
  list(options?: ListImagesOptions): Promise<Image[]>
  /** Fingerprints of all images, sorted. */
  fingerprints(options?: CallOptions): Promise<string[]>
  /**
   * Fingerprints that the instances, snapshots or profiles of any project name. Images of other projects can be among them.
   *
   * It works only for a client that sees everything that may use the images of this project: root's socket, an unrestricted certificate
   * or token, or an identity of LXD with the entitlements. Servers silently leave out of their listings what a client may not see.
   *
   * @throws {UsageHiddenError} `not-authorized` unless it is proven that this client sees everything
   * @throws {HyperkitError} `unavailable` if the server could not read one of its instances
   */
  used(options?: CallOptions): Promise<ReadonlySet<string>>
  /** One image, by its fingerprint or the beginning of it; `not-found`, or `ambiguous` if several match. */
  get(fingerprint: string, options?: GetImageOptions): Promise<Image>
  /** Like `get`, but gives undefined for "not found". */
  find(fingerprint: string, options?: GetImageOptions): Promise<Image | undefined>
  /** The image that an alias points at; `not-found` if there is no such alias. */
  getByAlias(name: string, options?: GetImageOptions): Promise<Image>
  /** Whether the image's file exists. */
  hasContent(fingerprint: string, options?: CallOptions): Promise<boolean>
  /**
   * Sends an image, unless the server has it. If a client may create images but not view them, the returned image has only what was
   * sent.
   */
  upload<Sync extends boolean = Auto>(
    source: UploadSource,
    options?: UploadImageOptions & SyncOption<Sync>,
  ): Promise<Outcome<Image, Sync>>
  /** Makes the server download an image from another server. */
  createFromRemote<Sync extends boolean = Auto>(
    server: string,
    options: CreateFromRemoteOptions & SyncOption<Sync>,
  ): Promise<Outcome<Image, Sync>>
  /** Makes the server download an image by a URL; if it cannot, this process downloads it. */
  createFromUrl<Sync extends boolean = Auto>(
    url: string,
    options?: CreateFromUrlOptions & SyncOption<Sync>,
  ): Promise<Outcome<Image, Sync>>
  /** Publishes an instance. */
  createFromInstance<Sync extends boolean = Auto>(
    name: string,
    options?: PublishOptions & SyncOption<Sync>,
  ): Promise<Outcome<Image, Sync>>
  /** Publishes a snapshot. */
  createFromSnapshot<Sync extends boolean = Auto>(
    instance: string,
    snapshot: string,
    options?: PublishOptions & SyncOption<Sync>,
  ): Promise<Outcome<Image, Sync>>
  /**
   * The expiry that an image of an instance inherits if `expiresAt` is not given; undefined if there is none, and if the server does not
   * show it.
   */
  inheritedExpiry(instance: string, options?: CallOptions): Promise<Date | undefined>
  /** Changes the given fields and keeps every other one. */
  update(fingerprint: string, changes: ImageChanges, options?: UpdateImageOptions): Promise<Image>
  /** Changes some fields in one request; properties are merged. */
  patch(fingerprint: string, patch: ImagePatch, options?: UpdateImageOptions): Promise<Image>
  /** Deletes an image and its aliases. */
  delete<Sync extends boolean = Auto>(
    fingerprint: string,
    options?: CallOptions & SyncOption<Sync>,
  ): Promise<Outcome<void, Sync>>
  /** Creates a secret with which a client without trust reads and exports a private image once. */
  createSecret(fingerprint: string, options?: CallOptions): Promise<ImageSecret>
  /** Makes the server look for a newer version at the image's source. */
  refresh<Sync extends boolean = Auto>(
    fingerprint: string,
    options?: CallOptions & SyncOption<Sync>,
  ): Promise<Outcome<Refresh, Sync>>
  /** The image's file or files as streams, unverified. */
  export(fingerprint: string, options?: ExportImageOptions): Promise<ImageExport>
}

/** @param autoSync whether the calls that start work wait for its end; `Auto` is its type */
export function createImages<Auto extends boolean>(connection: Connection, autoSync: boolean): Images<Auto> {
  // The value of `sync` decides which of the two it is, and types cannot follow that here; callers know it from their own argument.
  function settle<T, Sync extends boolean>(
    begun: Promise<OperationHandle<T>>,
    sync: boolean | undefined,
  ): Promise<Outcome<T, Sync>>
  async function settle<T>(
    begun: Promise<OperationHandle<T>>,
    sync = autoSync,
  ): Promise<T | OperationHandle<T>> {
    const handle = await begun
    return sync ? await handle.wait() : handle
  }
  return {
    list: (options) => listImages(connection, options),
    fingerprints: (options) => listFingerprints(connection, options),
    used: (options) => listUsed(connection, options),
    get: (fingerprint, options) => getImage(connection, fingerprint, options),
    find: (fingerprint, options) => findImage(connection, fingerprint, options),
    getByAlias: (name, options) => getImageByAlias(connection, name, options),
    hasContent: async (fingerprint, options) =>
      hasContent(connection, await expandFingerprint(connection, fingerprint, options), options),
    upload: (source, options) => settle(uploadImage(connection, source, options), options?.sync),
    createFromRemote: (server, options) =>
      settle(createFromRemote(connection, server, options), options.sync),
    createFromUrl: (url, options) => settle(createFromUrl(connection, url, options), options?.sync),
    createFromInstance: (name, options) =>
      settle(createFromInstance(connection, name, options), options?.sync),
    createFromSnapshot: (instance, snapshot, options) =>
      settle(createFromSnapshot(connection, instance, snapshot, options), options?.sync),
    update: (fingerprint, changes, options) => updateImage(connection, fingerprint, changes, options),
    patch: (fingerprint, patch, options) => patchImage(connection, fingerprint, patch, options),
    delete: (fingerprint, options) => settle(deleteImage(connection, fingerprint, options), options?.sync),
    inheritedExpiry: (instance, options) => inheritedExpiry(connection, instance, options),
    createSecret: (fingerprint, options) => createSecret(connection, fingerprint, options),
    refresh: (fingerprint, options) => settle(refreshImage(connection, fingerprint, options), options?.sync),
    export: (fingerprint, options) => exportImage(connection, fingerprint, options),
  }
}
