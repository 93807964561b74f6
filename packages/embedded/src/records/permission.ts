/** One permission of a group: an entitlement on the entity at a URL. */
export interface Permission {
  entity_type: string
  url: string
  entitlement: string
}
