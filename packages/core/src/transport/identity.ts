/**
 * As whom a transport shows itself to the server. `stranger`: as nobody, on purpose. It explains what a server does not show;
 * nothing else depends on it.
 */
export type Identity =
  | { readonly kind: 'stranger' | 'token' | 'socket' }
  | {
      readonly kind: 'certificate'
      /** PEM. */
      readonly certificate: string
    }
