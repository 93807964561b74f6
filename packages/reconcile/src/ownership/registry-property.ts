/**
 * Whether it is the property by which servers know that an image came from a registry, so that its fingerprint is not that of its content
 * (T36). Without it the image could not be copied any more, so it is never removed.
 */
export function isRegistryProperty(key: string, value: string | undefined): boolean {
  return key === 'type' && value === 'oci'
}
