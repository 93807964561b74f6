import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The cases on one server, and commands that are interrupted at many points. */
const slow = /\/conformance\/test\/(?:embedded-)?(?:lxd|incus)-[^/]+$|\/(?:restarted|killed[^/]*)\.test\.ts$/

/** Begins the files that take minutes first, so that no worker is alone with one at the end. */
export default class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isSlow = ({ moduleId }: TestSpecification): boolean => slow.test(moduleId)
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))]
  }
}
