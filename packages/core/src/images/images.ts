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
import { type ListImagesOptions, listImages } from './list-images.ts'
import { listUsed } from './list-used.ts'
import { type ImagePatch, patchImage } from './patch-image.ts'
import { type Refresh, refreshImage } from './refresh-image.ts'
import { type ImageChanges, type UpdateImageOptions, updateImage } from './update-image.ts'
import { type UploadImageOptions, uploadImage } from './upload-image.ts'
import type { UploadSource } from './upload-source.ts'

/** Whether a call waits for the server's work; the client's `autoSync` unless said here. */
export interface SyncOption<Sync extends boolean> {
  sync?: Sync | undefined
}

/**
 * The images of a server.
 *
 * Where a fingerprint is asked, its beginning does too, upper case or lower; an alias never does.
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
  /** Full records of all images, in one request, by fingerprint. */
  list(options?: ListImagesOptions): Promise<Image[]>
  /** Fingerprints of all images, sorted. */
  fingerprints(options?: CallOptions): Promise<string[]>
  /**
   * Fingerprints that instances of any project, their snapshots or profiles name. Images of other projects can be among them.
   *
   * It answers only a client that is shown all that may use the images of this project: root's socket, an unrestricted
   * certificate or token, or an identity of LXD with the entitlements. A server leaves what others may not see out of its
   * listings without a word.
   *
   * @throws {UsageHiddenError} `not-authorized`, where this client is not shown it all, or nothing proves that it is
   * @throws {HyperkitError} `unavailable`, where the server could not read one of its instances
   */
  used(options?: CallOptions): Promise<ReadonlySet<string>>
  /** One, by its fingerprint or the beginning of one; `not-found`, or `ambiguous` where several begin so. */
  get(fingerprint: string, options?: GetImageOptions): Promise<Image>
  /** As `get`, with undefined for "not found". */
  find(fingerprint: string, options?: GetImageOptions): Promise<Image | undefined>
  /** The one that an alias names; `not-found` where there is no such alias. */
  getByAlias(name: string, options?: GetImageOptions): Promise<Image>
  /** Whether the file behind the record is there. */
  hasContent(fingerprint: string, options?: CallOptions): Promise<boolean>
  /**
   * Sends an image, unless the server has it. To a client that may create images and not view them, the image given back has
   * only what was asked for.
   */
  upload<Sync extends boolean = Auto>(
    source: UploadSource,
    options?: UploadImageOptions & SyncOption<Sync>,
  ): Promise<Outcome<Image, Sync>>
  /** Has the server download one from another server. */
  createFromRemote<Sync extends boolean = Auto>(
    server: string,
    options: CreateFromRemoteOptions & SyncOption<Sync>,
  ): Promise<Outcome<Image, Sync>>
  /** Has the server download one by a URL; where it does not, this process does. */
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
  /** Changes what is named and keeps every other field. */
  update(fingerprint: string, changes: ImageChanges, options?: UpdateImageOptions): Promise<Image>
  /** Changes some fields in one request; properties are merged. */
  patch(fingerprint: string, patch: ImagePatch, options?: UpdateImageOptions): Promise<Image>
  /** Deletes an image and its aliases. */
  delete<Sync extends boolean = Auto>(
    fingerprint: string,
    options?: CallOptions & SyncOption<Sync>,
  ): Promise<Outcome<void, Sync>>
  /** A secret that lets somebody untrusted read and export a private image once. */
  createSecret(fingerprint: string, options?: CallOptions): Promise<ImageSecret>
  /** Has the server look for a newer version at the image's source. */
  refresh<Sync extends boolean = Auto>(
    fingerprint: string,
    options?: CallOptions & SyncOption<Sync>,
  ): Promise<Outcome<Refresh, Sync>>
  /** The image's file or files as streams, unverified. */
  export(fingerprint: string, options?: ExportImageOptions): Promise<ImageExport>
}

/** @param autoSync whether the calls that start work wait for its end; its type is what a program sees as `Auto` */
export function createImages<Auto extends boolean>(connection: Connection, autoSync: boolean): Images<Auto> {
  // Which of the two comes is in the value of `sync`, where no type can follow: callers know it by what they gave.
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
    createSecret: (fingerprint, options) => createSecret(connection, fingerprint, options),
    refresh: (fingerprint, options) => settle(refreshImage(connection, fingerprint, options), options?.sync),
    export: (fingerprint, options) => exportImage(connection, fingerprint, options),
  }
}
