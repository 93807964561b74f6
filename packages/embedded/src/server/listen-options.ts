/** Where to listen: exactly one of the three. */
export type ListenOptions =
  | {
      http: {
        /** @default '127.0.0.1' */
        host?: string
        /** @default 0, any free port */
        port?: number
        /** The rights of a peer: everything, or those of an untrusted client. @default 'none' */
        trust?: 'admin' | 'none'
      }
    }
  | {
      https: {
        /** @default '127.0.0.1' */
        host?: string
        /** @default 0, any free port */
        port?: number
        /** PEM; with `cert`. @default the server's own, kept in the store */
        key?: string
        cert?: string
      }
    }
  | {
      /** Path of a unix socket. Every process that can open it has full rights. */
      socket: string
    }
