// Of all extensions of a server (LXD 5.0.2 has 318, Incus 7.0.2 has 562), these are the ones that this server implements, and those by
// which clients distinguish versions. A client refuses a call if its extension is missing, so a name is listed
// here only if the call works.
const common = [
  'etag',
  'patch',
  'image_compression_algorithm',
  'image_create_aliases',
  'image_force_refresh',
  'operation_description',
  'event_lifecycle',
  'projects',
  'event_location',
  'image_types',
  'instance_all_projects',
  'images_expiry',
  'compression_squashfs',
  'image_profiles',
  'api_filtering',
  'images_push_relay',
  'certificate_project',
  'image_source_project',
  'event_project',
  'certificate_token',
  'images_target_project',
  'images_default_architecture',
]

export const lxd50Extensions: readonly string[] = [...common, 'devlxd_images']

export const lxd503Extensions: readonly string[] = [
  ...lxd50Extensions,
  'auth_user',
  'operations_get_query_all_projects',
  'operation_wait',
]

export const lxd521Extensions: readonly string[] = [
  ...lxd503Extensions,
  'image_copy_profile',
  'images_all_projects',
  'access_management',
  'access_management_tls',
  'entities_with_entitlements',
  'explicit_trust_token',
  'client_cert_presence',
]

export const lxd69Extensions: readonly string[] = [
  ...lxd521Extensions,
  'auth_bearer',
  'operation_metadata_entity_url',
  'image_extended_metadata',
  'bulk_operations',
  'event_security',
]

export const lxdMainExtensions: readonly string[] = [
  ...lxd69Extensions,
  'durable_operations',
  'operation_child_count',
  'access_management_expiry',
]

export const incus60Extensions: readonly string[] = [
  ...common,
  'dev_incus_images',
  'images_all_projects',
  'image_copy_profile',
  'auth_tls_jwt',
  'oidc',
  'operations_get_query_all_projects',
  'event_lifecycle_name_and_project',
  'operation_wait',
  'image_import_alias',
  'api_filtering_extended',
]

export const incus70Extensions: readonly string[] = [
  ...incus60Extensions,
  'instance_publish_split',
  'image_locations',
  'instance_oci',
]
