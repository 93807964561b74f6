/**
 * The property by which an image says which manifest created it. Nothing without it is ever removed. A server-side
 * refresh loses it; images from files are never refreshed.
 */
export const ownerProperty = 'hyperkit.manifest'
