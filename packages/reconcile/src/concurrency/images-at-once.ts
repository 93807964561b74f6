/** How many images of one server are worked on at once, unless `--images-per-server` or `imagesAtOnce` of the server says otherwise. */
export const imagesAtOnce = 4

/**
 * How many images of each server are worked on at once.
 *
 * @param servers those of a manifest; a server that does not say so has the number of all
 */
export function createImagesAtOnce(
  servers: readonly { name: string; imagesAtOnce?: number }[],
  all: number = imagesAtOnce,
): (server: string) => number {
  const own = new Map(servers.map(({ name, imagesAtOnce }) => [name, imagesAtOnce]))
  return (server) => own.get(server) ?? all
}
