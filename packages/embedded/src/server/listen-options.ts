/** Where to listen: exactly one of the three. */
export type ListenOptions =
  | {
      http: {
        /** @default '127.0.0.1' */
        host?: string
        /** @default 0, any free one */
        port?: number
        /** What a peer may do: everything, or what a stranger may. @default 'none' */
        trust?: 'admin' | 'none'
      }
    }
  | {
      https: {
        /** @default '127.0.0.1' */
        host?: string
        /** @default 0, any free one */
        port?: number
        /** PEM; with `cert`. @default the server's own, kept in the store */
        key?: string
        cert?: string
      }
    }
  | {
      /** Path of a unix socket. Who can open it has full rights. */
      socket: string
    }
