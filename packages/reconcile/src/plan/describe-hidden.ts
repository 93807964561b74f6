/** Why an image is kept if the server does not show what uses it. */
export function describeHidden(missing: string): string {
  return `whether an instance, a snapshot or a profile uses it is unknown, because this client lacks ${missing}`
}
