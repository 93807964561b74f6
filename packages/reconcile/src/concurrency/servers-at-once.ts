/** How many servers are worked on at once, unless `--parallelism` says otherwise. */
export const serversAtOnce = 16
