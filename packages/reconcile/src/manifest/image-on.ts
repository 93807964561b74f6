import type { PresentImage } from './manifest.ts'

/** An image as it should be on one of its servers, with that server's overrides applied. */
export function imageOn(image: PresentImage, server: string): PresentImage {
  const { overrides = {} } = image
  return Object.hasOwn(overrides, server) ? { ...image, ...overrides[server] } : image
}
