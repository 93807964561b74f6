/** Runs work on one file after the earlier work on it has ended, successful or not. */
export function createQueues(): (file: string, work: () => Promise<void>) => Promise<void> {
  const queues = new Map<string, Promise<void>>()
  return (file, work) => {
    const done = (queues.get(file) ?? Promise.resolve()).catch(() => {}).then(work)
    queues.set(file, done)
    const forget = (): void => {
      if (queues.get(file) === done) queues.delete(file)
    }
    done.then(forget, forget)
    return done
  }
}
