/**
 * How a transport identifies the client to the server; a `stranger` is anonymous on purpose. It explains what a server does not show, and
 * keeps a stranger from sending a trust token that would be used up in vain.
 */
export type Identity =
  | { readonly kind: 'stranger' | 'token' | 'socket' }
  | {
      readonly kind: 'certificate'
      /** PEM. */
      readonly certificate: string
    }
