import type { PresentImage } from './manifest.ts'

/** An image as it shall be on one of its servers. */
export function imageOn(image: PresentImage, server: string): PresentImage {
  const { overrides = {} } = image
  return Object.hasOwn(overrides, server) ? { ...image, ...overrides[server] } : image
}
