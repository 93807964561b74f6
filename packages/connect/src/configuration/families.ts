import type { ClientName } from './remote.ts'

/** What differs between the configurations of the two clients. */
export interface Family {
  client: ClientName
  protocol: 'incus' | 'lxd'
  /** Names of environment variables. */
  variables: {
    folder: string
    globalFolder: string
    remote: string
    project: string
    socket: string
    dir: string
  }
  /** Folders of the user, in the order in which they are searched; `~` is the home folder, `$NAME` a variable. */
  folders: readonly Place[]
  globalFolders: readonly string[]
  /** Folders of the server with its sockets; the first that has a socket is used. */
  serverFolders: readonly string[]
}

/** A folder, on every kind of system or on one only. */
export interface Place {
  path: string
  on?: 'linux' | 'darwin' | 'win32'
}

// From the sources of Incus 6.0.4 to 7.3 and LXD 5.0.2 to main. Since 7.0.1 and 7.2, Incus follows XDG_CONFIG_HOME and uses the
// usual folders of macOS and Windows. It moves the old folder there, which still exists if only older versions were run.
export const families: Readonly<Record<ClientName, Family>> = {
  incus: {
    client: 'incus',
    protocol: 'incus',
    variables: {
      folder: 'INCUS_CONF',
      globalFolder: 'INCUS_GLOBAL_CONF',
      remote: 'INCUS_REMOTE',
      project: 'INCUS_PROJECT',
      socket: 'INCUS_SOCKET',
      dir: 'INCUS_DIR',
    },
    folders: [
      { path: '$XDG_CONFIG_HOME/incus', on: 'linux' },
      { path: '~/Library/Application Support/incus', on: 'darwin' },
      { path: '$APPDATA/incus', on: 'win32' },
      { path: '~/.config/incus' },
    ],
    globalFolders: ['/etc/incus'],
    serverFolders: ['/run/incus', '/var/lib/incus'],
  },
  lxc: {
    client: 'lxc',
    protocol: 'lxd',
    variables: {
      folder: 'LXD_CONF',
      globalFolder: 'LXD_GLOBAL_CONF',
      remote: 'LXC_REMOTE',
      project: 'LXD_PROJECT',
      socket: 'LXD_SOCKET',
      dir: 'LXD_DIR',
    },
    // The second folder is that of the snap, which sets LXD_CONF and LXD_GLOBAL_CONF for its own client.
    folders: [{ path: '~/.config/lxc' }, { path: '~/snap/lxd/common/config', on: 'linux' }],
    globalFolders: ['/etc/lxd', '/var/snap/lxd/common/global-conf'],
    serverFolders: ['/var/snap/lxd/common/lxd', '/var/lib/lxd'],
  },
}
