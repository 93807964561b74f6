/**
 * As whom a transport shows itself to the server. `stranger`: as nobody, on purpose. It explains what a server does not show, and
 * keeps a stranger from sending a token that would be used up for nothing.
 */
export type Identity =
  | { readonly kind: 'stranger' | 'token' | 'socket' }
  | {
      readonly kind: 'certificate'
      /** PEM. */
      readonly certificate: string
    }
