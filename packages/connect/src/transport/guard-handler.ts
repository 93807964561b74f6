/**
 * Makes event handlers report what they throw. An error that leaves a handler of node:http ends the whole process, so that one odd
 * answer would stop the work on every other server.
 */
export function guardHandler(
  fail: (error: unknown) => void,
): <Values extends unknown[]>(handle: (...values: Values) => void) => (...values: Values) => void {
  return (handle) =>
    (...values) => {
      try {
        handle(...values)
      } catch (error) {
        fail(error)
      }
    }
}
