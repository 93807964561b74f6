// Of the 318 (LXD 5.0.2) and 450 (Incus 6.0.4) extensions those that concern what this server does. An extension that
// is missing here makes a client refuse the call, so a name stands here only if the call works.
const both = [
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

export const lxdExtensions: readonly string[] = [...both, 'devlxd_images', 'macaroon_authentication']

export const incusExtensions: readonly string[] = [
  ...both,
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
