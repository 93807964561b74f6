import type { ClientName, Remote } from './remote.ts'

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
  /** Folders below the home folder; the first with a config.yml counts. */
  folders: string[]
  globalFolders: string[]
  /** Folders of the server, with its sockets; the first with a socket counts. */
  serverFolders: string[]
  builtIn: Remote[]
  /** Built-in remotes that a config.yml cannot change. */
  fixed: string[]
}

const local = (client: ClientName, protocol: 'incus' | 'lxd'): Remote => ({
  name: 'local',
  client,
  addresses: ['unix://'],
  protocol,
  public: false,
  authType: undefined,
  project: undefined,
  origin: 'built-in',
})

const imageServer = (client: ClientName, name: string, address: string): Remote => ({
  name,
  client,
  addresses: [address],
  protocol: 'simplestreams',
  public: true,
  authType: undefined,
  project: undefined,
  origin: 'built-in',
})

// As incus 6.0.4 and lxc 5.0.2 print them with `remote list` on a fresh account.
export const families: Record<ClientName, Family> = {
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
    folders: ['.config/incus'],
    globalFolders: ['/etc/incus'],
    serverFolders: ['/run/incus', '/var/lib/incus'],
    builtIn: [local('incus', 'incus'), imageServer('incus', 'images', 'https://images.linuxcontainers.org')],
    fixed: ['local'],
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
    folders: ['.config/lxc', 'snap/lxd/common/config'],
    globalFolders: ['/etc/lxc', '/var/snap/lxd/common/global-conf'],
    serverFolders: ['/var/snap/lxd/common/lxd', '/var/lib/lxd'],
    builtIn: [
      local('lxc', 'lxd'),
      imageServer('lxc', 'ubuntu', 'https://cloud-images.ubuntu.com/releases'),
      imageServer('lxc', 'ubuntu-daily', 'https://cloud-images.ubuntu.com/daily'),
      imageServer('lxc', 'images', 'https://images.linuxcontainers.org'),
    ],
    fixed: ['local', 'ubuntu', 'ubuntu-daily'],
  },
}
