import type { SeededInstance } from '../../records/seeded-instance.ts'

/** The instance as the API shows it, with the fields that image clients read. */
export function renderInstance(instance: SeededInstance): Record<string, unknown> {
  const properties = Object.entries(instance.properties ?? {}).map(([key, value]) => [`image.${key}`, value])
  const config = {
    ...Object.fromEntries(properties),
    ...(instance.baseImage === undefined ? {} : { 'volatile.base_image': instance.baseImage }),
  }
  return {
    architecture: instance.architecture ?? 'x86_64',
    config,
    devices: {},
    ephemeral: instance.ephemeral ?? false,
    profiles: ['default'],
    stateful: false,
    description: '',
    created_at: '2024-01-01T00:00:00Z',
    expanded_config: config,
    expanded_devices: {},
    name: instance.name,
    status: instance.running ? 'Running' : 'Stopped',
    status_code: instance.running ? 103 : 102,
    last_used_at: '1970-01-01T00:00:00Z',
    location: 'none',
    type: instance.type ?? 'container',
    project: instance.project ?? 'default',
  }
}
