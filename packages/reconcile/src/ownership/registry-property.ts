/** The property by which servers know that an image came from a registry, and its value. */
const registryProperty = { key: 'type', value: 'oci' } as const

/**
 * Whether it is the property by which servers know that an image came from a registry, so that its fingerprint is not that of its content
 * (T36). Without it the image could not be copied any more, so it is never removed.
 */
export function isRegistryProperty(key: string, value: string | undefined): boolean {
  return key === registryProperty.key && value === registryProperty.value
}

/** Whether an image came from a registry. */
export function isOfRegistry(properties: Readonly<Record<string, string>>): boolean {
  return properties[registryProperty.key] === registryProperty.value
}

/**
 * Why an image of a registry cannot have these properties; undefined if it can. It is the only property that a server gives a meaning by
 * which it runs such an image: one with another value is started as a whole system, which it is not (Incus 7.0.2).
 */
export function explainRegistryProperty(properties: Readonly<Record<string, string>>): string | undefined {
  const { key, value } = registryProperty
  const given = Object.hasOwn(properties, key) ? properties[key] : value
  if (given === value) return undefined
  return `its property "${key}" must stay "${value}", by which servers know an image of a registry and how to start it; remove "${key}" from "properties"`
}
