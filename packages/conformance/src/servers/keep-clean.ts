import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface CleanFolder {
  path: string
  /** Write the daemon's process id here (it must lead its own process group). */
  pidFile: string
  /** Ends the process group, unmounts and removes the folder. Safe to repeat. */
  clean(): Promise<void>
}

// Waits for the end of its input, which the kernel closes however the parent ends, even by SIGKILL. So `clean()` and
// a crash use the same code. The group is killed only if its leader is gone or has the folder in its
// environment: the process id may be in use by another process. The wait is bounded because a zombie still counts
// as alive, and stays for ever if process 1 does not reap it. `umount -l` in reverse order: the daemons mount
// tmpfs (shmounts, devlxd, guestapi) and leave them behind when killed. `-s KILL --` because dash refuses `-KILL --`.
const keeper = `
trap '' INT TERM HUP
folder=$1
cat >/dev/null
pid=$(cat "$folder/daemon.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  if [ ! -e "/proc/$pid" ] || grep -qsF "$folder" "/proc/$pid/environ"; then
    kill -s KILL -- "-$pid" 2>/dev/null
    tries=0
    while kill -s 0 -- "-$pid" 2>/dev/null && [ "$tries" -lt 200 ]; do
      tries=$((tries + 1))
      sleep 0.01
    done
  fi
fi
awk -v folder="$folder/" 'index($2, folder) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r target; do
  umount -l "$target"
done
if awk -v folder="$folder/" 'index($2, folder) == 1 { found = 1 } END { exit !found }' /proc/self/mounts; then
  exit 3
fi
rm -rf "$folder"
[ ! -e "$folder" ]
`

/**
 * Makes a folder that a second, small process removes when this process asks for it or ends in any way.
 *
 * @param prefix start of the folder's name
 * @param parent default: the system's folder for temporary files
 */
export async function keepClean(prefix: string, parent: string = tmpdir()): Promise<CleanFolder> {
  const path = await mkdtemp(join(parent, prefix))
  // A separate session, so that Ctrl-C in the terminal does not reach it.
  const child = spawn('sh', ['-c', keeper, 'sh', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  ended.catch(() => {})
  child.unref()
  ;(child.stdin as unknown as { unref?(): void }).unref?.()
  return {
    path,
    pidFile: join(path, 'daemon.pid'),
    async clean() {
      child.ref()
      child.stdin.end()
      const code = await ended
      if (code !== 0)
        throw new Error(
          `Cannot clean "${path}": the keeper ended with ${code}; look for mounts and processes there`,
        )
    },
  }
}
