/** Milliseconds after which the work on other servers no longer waits for one that has not answered. */
export const lateAfter = 3_000
