/** Why an image stays where the server does not show who uses it. */
export function describeHidden(missing: string): string {
  return `an instance, a snapshot or a profile may use it unseen, as this client lacks ${missing}`
}
