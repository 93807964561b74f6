import type { Client } from '@hyperkit/core'
import type { Change, PublishImage } from '../documents/plan.ts'
import { isCreation } from '../plan/plan-creation.ts'
import type { CreationOptions } from './apply-change-options.ts'
import { checkSize } from './check-size.ts'
import { copyContent } from './copy-content.ts'
import { deleteOwnedImage } from './delete-owned-image.ts'
import { downloadContent } from './download-content.ts'
import { pointAlias } from './point-alias.ts'
import { publishContent } from './publish-content.ts'
import { removeAlias } from './remove-alias.ts'
import { updateFields } from './update-fields.ts'
import { uploadContent } from './upload-content.ts'

/**
 * Makes one change. A change that turns out to be made already is a success.
 *
 * @returns the fingerprint of its image
 */
export async function applyChange(client: Client, change: Change, options: CreationOptions): Promise<string> {
  const fingerprint = await applyAny(client, change, options)
  if (isCreation(change)) await checkSize(client, change, fingerprint, options)
  return fingerprint
}

async function applyAny(client: Client, change: Change, options: CreationOptions): Promise<string> {
  if (change.action === 'publish-image') return publishContent(client, change, options)
  await applyOne(client, change, options)
  return change.fingerprint
}

async function applyOne(
  client: Client,
  change: Exclude<Change, PublishImage>,
  options: CreationOptions,
): Promise<void> {
  switch (change.action) {
    case 'upload-image':
      return uploadContent(client, change, options)
    case 'download-image':
      return downloadContent(client, change, options)
    case 'copy-image':
      return copyContent(client, change, options)
    case 'update-image':
      return updateFields(client, change, options)
    case 'create-alias':
    case 'update-alias':
      return pointAlias(client, change, options)
    case 'remove-alias':
      return removeAlias(client, change, options)
    case 'delete-image':
      return deleteOwnedImage(client, change, options)
  }
}
