/** An operation as its events describe it; no field is certain. */
interface OperationEvent {
  class?: unknown
  status_code?: unknown
  resources?: unknown
  metadata?: unknown
}

/**
 * URLs of the images that an operation has changed, if it has succeeded.
 *
 * Servers send no lifecycle event when an image or its aliases are deleted and another project has the same image (T76; LXD 5.0.2
 * to main, Incus 6.0.4 and 7.0.2): only the operation shows it. It names the image in `resources`, or as `entity_url` (LXD 6.7 and
 * newer).
 */
export function imagesOfOperation(operation: OperationEvent): string[] {
  // Operations that make secrets are of class `token`; they change nothing.
  if (operation.status_code !== 200 || operation.class !== 'task') return []
  const { images } = (operation.resources ?? {}) as { images?: unknown }
  const { entity_url } = (operation.metadata ?? {}) as { entity_url?: unknown }
  const urls = [...(Array.isArray(images) ? images : []), entity_url]
  return urls.filter((url): url is string => typeof url === 'string' && url.startsWith('/1.0/images/'))
}
