/** One grant of a group: what may be done with the thing behind a URL. */
export interface Permission {
  entity_type: string
  url: string
  entitlement: string
}
