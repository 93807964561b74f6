import { expect, test } from 'vitest'
import { families } from './families.ts'
import { findFolders } from './find-folders.ts'

const { incus, lxc } = families

test.for([
  [incus, 'linux', {}, ['/home/ada/.config/incus']],
  [incus, 'linux', { XDG_CONFIG_HOME: '/xdg/' }, ['/xdg/incus', '/home/ada/.config/incus']],
  [incus, 'linux', { XDG_CONFIG_HOME: '/home/ada/.config/' }, ['/home/ada/.config/incus']],
  [incus, 'freebsd', { XDG_CONFIG_HOME: '/xdg' }, ['/xdg/incus', '/home/ada/.config/incus']],
  [
    incus,
    'darwin',
    { XDG_CONFIG_HOME: '/xdg' },
    ['/home/ada/Library/Application Support/incus', '/home/ada/.config/incus'],
  ],
  [
    incus,
    'win32',
    { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' },
    ['C:\\Users\\ada\\AppData\\Roaming/incus', '/home/ada/.config/incus'],
  ],
  [lxc, 'linux', { XDG_CONFIG_HOME: '/xdg' }, ['/home/ada/.config/lxc', '/home/ada/snap/lxd/common/config']],
  [lxc, 'darwin', {}, ['/home/ada/.config/lxc']],
  [lxc, 'win32', { APPDATA: 'C:\\x' }, ['/home/ada/.config/lxc']],
  [lxc, 'linux', { LXD_CONF: '/l/' }, ['/l']],
  [incus, 'darwin', { INCUS_CONF: '/i' }, ['/i']],
] as const)('the folders of %o on %s with %o are %o', ([family, system, environment, expected]) => {
  expect(findFolders(family, environment, '/home/ada/', system).own).toEqual(expected)
})

test('the global folders are those of the clients, unless a variable names another', () => {
  expect(findFolders(incus, {}, '', 'linux').global).toEqual(['/etc/incus'])
  expect(findFolders(lxc, {}, '', 'linux').global).toEqual(['/etc/lxd', '/var/snap/lxd/common/global-conf'])
  expect(findFolders(lxc, { LXD_GLOBAL_CONF: '/g' }, '', 'linux').global).toEqual(['/g'])
})
